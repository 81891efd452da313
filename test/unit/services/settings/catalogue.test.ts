import { declarationOf, settingAreas, settingNames } from '../../../../services';
import { imageDigest } from '../../../../services/settings/formats';

describe('the catalogue', () => {
  const declared = Object.values(settingAreas).flatMap((area) => Object.keys(area));

  it('declares every setting once, over all its areas', () => {
    expect(declared).toEqual([...new Set(declared)]);
    expect([...settingNames]).toEqual(declared);
  });

  it('has a digest in every setting that is named as an image', () => {
    const images = settingNames.filter((name) => name.endsWith('_IMAGE'));
    expect(images).toEqual(['APP_IMAGE', 'MIGRATOR_IMAGE']);
    for (const name of images) expect(declarationOf(name).format).toBe(imageDigest);
  });

  it.each(settingNames)('says of %s what it is, and what is allowed', (name) => {
    expect(declarationOf(name).description).toMatch(/^\S.{9,}[^.\s]$/);
    expect(declarationOf(name).format.description).toMatch(/^\S.{3,}$/);
  });

  it.each([
    ['postgres://cogni:w0rd@db.cogni.test/states?sslmode=verify-full', true],
    ['postgresql://cogni:w%40rd@10.0.0.1:5432/states?connect_timeout=5&sslmode=disable', true],
    ['postgres://cogni:w0rd@db.cogni.test/states', false],
    ['postgres://cogni:w0rd@db.cogni.test/states?sslmode=prefer', false],
    ['postgres://db.cogni.test/states?sslmode=require', false],
    ['postgres://cogni:w0rd@db.cogni.test/?sslmode=require', false],
    ['mysql://cogni:w0rd@db.cogni.test/states?sslmode=require', false],
    ['host=db.cogni.test user=cogni', false],
  ])('takes %s for the connection of the state: %s', (text, isTaken) => {
    expect(declarationOf('PG_CONN_STR').format.safeParse(text).success).toBe(isTaken);
  });

  it('keeps what is composed from secrets secret, and asks nobody for it', () => {
    for (const name of settingNames.filter((each) => declarationOf(each).scope === 'derived')) {
      expect({ name, ...declarationOf(name) }).toMatchObject({ name, kind: 'secret' });
      expect(declarationOf(name).generate).toBeUndefined();
    }
  });

  it('has no secret in a place that anybody may see', () => {
    const seen = ['repository-variable', 'environment-variable', 'environment-record', 'ci'];
    expect(
      settingNames.filter(
        (name) => declarationOf(name).kind === 'secret' && seen.includes(declarationOf(name).scope),
      ),
    ).toEqual([]);
  });

  it('makes only values that it would take itself', () => {
    for (const name of settingNames) {
      const { generate, format } = declarationOf(name);
      for (const byte of [0, 1, 0x7f, 0xff]) {
        const made = generate?.((count) => new Uint8Array(count).fill(byte));
        if (made !== undefined) expect(format.safeParse(made)).toMatchObject({ success: true });
      }
    }
  });
});
