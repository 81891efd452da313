import {
  changedCatalogue,
  imagesOf,
  initialCatalogue,
  tryFindImage,
  tryFindPlan,
  tryFindRegion,
} from '../../../../sandbox/emulator/catalogue';

const slug = 'B1-2-2gb-40s-shared';

describe('the catalogue', () => {
  test('finds regions and plans by slug and by id', () => {
    expect(tryFindRegion(initialCatalogue, 'LT-Siauliai')).toBe(tryFindRegion(initialCatalogue, '1'));
    expect(tryFindPlan(initialCatalogue, slug)).toBe(tryFindPlan(initialCatalogue, '902'));
    expect(tryFindRegion(initialCatalogue, 'eu_nord_1')).toBeUndefined();
    expect(tryFindPlan(initialCatalogue, 'cloud_vps_1')).toBeUndefined();
  });

  test('finds images by slug and name, and takes no slug that only looks right', () => {
    const plan = tryFindPlan(initialCatalogue, slug)!;
    expect(tryFindImage(initialCatalogue, plan, 'ubuntu_22_04')?.name).toBe('Ubuntu 22.04 64bit');
    expect(tryFindImage(initialCatalogue, plan, 'Ubuntu 22.04 64bit')?.slug).toBe('ubuntu_22_04');
    expect(tryFindImage(initialCatalogue, plan, 'ubuntu_24_04')).toBeUndefined();
  });

  test('has no slug, name or id twice', () => {
    const { regions, images, plans } = initialCatalogue;
    for (const entries of [regions, images, plans]) {
      expect(new Set(entries.flatMap(({ id, slug: own, name }) => [id, own, `name ${name}`])).size).toBe(
        3 * entries.length,
      );
    }
  });

  test('changes only what a change names', () => {
    expect(changedCatalogue(initialCatalogue, {})).toEqual(initialCatalogue);
    const changed = changedCatalogue(initialCatalogue, {
      plans: [
        {
          slug,
          newSlug: 'renamed',
          stock: { 'LT-Siauliai': 0, 'DE-Frankfurt': null },
          images: ['ubuntu_22_04'],
        },
      ],
    });
    const plan = tryFindPlan(changed, 'renamed')!;
    expect(plan.id).toBe(902);
    expect(plan.regions.map(({ id, stock }) => [id, stock])).toEqual([
      [1, 0],
      [2, 20],
      [3, 20],
      [4, 20],
      [5, 20],
    ]);
    expect(imagesOf(changed, plan).map((image) => image.slug)).toEqual(['ubuntu_22_04']);
    expect(changed.plans.filter(({ id }) => id !== 902)).toEqual(
      initialCatalogue.plans.filter(({ id }) => id !== 902),
    );
  });
});
