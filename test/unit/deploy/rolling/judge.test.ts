import { planText } from '../../../../deploy/plan-text';
import { planRolling } from '../../../../deploy/rolling/plan';
import { parseRecord, renderRecord } from '../../../../deploy/rolling/record';
import { deployCommand } from '../../../../deploy/rolling/request';
import { emptyHost, imagesOf, propsFor, request, servingHost } from './sample';

const next = imagesOf('preview-4567def', 'd', 'e');
const changes = { request: { tag: 'preview-4567def' }, images: next };
const stepIds = (...props: Parameters<typeof propsFor>): string[] =>
  planRolling(propsFor(...props)).steps.map(({ id }) => id);
const accept = { breakingMigration: true };

describe('judging the pending migrations', () => {
  test('comes after the pull and before the lock', () => {
    const ids = stepIds(servingHost(), changes);
    expect(ids.slice(ids.indexOf('judge') - 1, ids.indexOf('judge') + 2)).toEqual(['pull', 'judge', 'lock']);
  });

  test('is left out on a first deploy, of the same migrator, and in a rollback', () => {
    expect(stepIds(emptyHost)).not.toContain('judge');
    const sameMigrator = { ...next, migrator: propsFor(servingHost()).images.migrator };
    expect(stepIds(servingHost(), { ...changes, images: sameMigrator })).not.toContain('judge');
    const backTo = servingHost().release;
    const back = planRolling({ ...propsFor(servingHost(), changes), ...(backTo ? { backTo } : {}) });
    expect(back.steps.map(({ id }) => id)).not.toContain('judge');
  });

  test('compares the folder of the environment in both images, and is printed in a dry run', () => {
    const props = propsFor(servingHost(), {
      ...changes,
      request: { ...changes.request, migrationsFolder: '/srv/sql' },
    });
    const text = planText(planRolling(props));
    expect(text).toContain(
      ` /srv/sql ${next.migrator.reference} ${servingHost().release?.images.migrator ?? ''}`,
    );
    expect(text).toContain('what it prints is judged (migrations), and what is wrong refuses the run');
  });

  test('says how to go on after its refusal: the same again, or with the word', () => {
    const step = planRolling(propsFor(servingHost(), changes)).steps.find(({ id }) => id === 'judge');
    const again = deployCommand({ ...request, ...changes.request });
    expect(step?.next).toContain(`mend what kept it from being read, then ${again};`);
    expect(step?.next).toContain(`may break, ${again} --allow-breaking-migration`);
  });

  test('is told of the word that lets faults pass, which the record keeps', () => {
    const said = { ...changes, request: { ...changes.request, accept } };
    const plan = planRolling(propsFor(servingHost(), said));
    expect(planText(plan)).toContain('what is wrong is let pass');
    expect(plan.release.breakingMigration).toBe(true);
    expect(parseRecord(renderRecord(plan.release))).toEqual(plan.release);
    expect(planRolling(propsFor(servingHost(), changes)).release.breakingMigration).toBeUndefined();
    expect(deployCommand({ ...request, accept })).toContain(' --allow-breaking-migration');
  });
});
