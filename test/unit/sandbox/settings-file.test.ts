import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '../../../foundation/secret';
import { ensureSettings } from '../../../sandbox/settings-file';
import { worldOf } from '../../../sandbox/world';
import { parseDotEnv } from '../../../services';

describe("an environment's settings in the sandbox", () => {
  const checkout = mkdtempSync(join(tmpdir(), 'cogni-settings-'));
  const world = worldOf(checkout);
  const file = join(world.folder, 'preview', 'settings.env');
  const known = {
    DOMAIN: 'preview.cogni.test',
    GHCR_DEPLOY_TOKEN: Secret.of('GHCR_DEPLOY_TOKEN', 'a token'),
  };
  const values = (): Readonly<Record<string, string>> => parseDotEnv(readFileSync(file, 'utf8'), file);

  beforeEach(() => mkdirSync(join(world.folder, 'preview'), { recursive: true }));
  afterEach(() => rmSync(world.folder, { recursive: true }));
  afterAll(() => rmSync(checkout, { recursive: true }));

  it('are what can be made and what the sandbox knows, for nobody else to read', () => {
    ensureSettings(world, 'preview', known);
    expect(values()).toMatchObject({
      DOMAIN: 'preview.cogni.test',
      GHCR_DEPLOY_TOKEN: 'a token',
      LITELLM_MASTER_KEY: expect.stringMatching(/^sk-.{32}/),
      OPENROUTER_API_KEY: expect.stringMatching(/^sk-or-[0-9a-f]{48}$/),
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('stay as they are once they are made', () => {
    ensureSettings(world, 'preview', known);
    const before = readFileSync(file, 'utf8');
    ensureSettings(world, 'preview', { ...known, DOMAIN: 'another.cogni.test' });
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it('get what a newer checkout needs, after all that a person wrote', () => {
    writeFileSync(file, '# mine\nAUTH_SECRET=chosen');
    ensureSettings(world, 'preview', known);
    expect(readFileSync(file, 'utf8')).toMatch(/^# mine\nAUTH_SECRET=chosen\n\w+=/);
    expect(values()).toMatchObject({ AUTH_SECRET: 'chosen', DOMAIN: 'preview.cogni.test' });
  });

  it('take a line that is not filled in for none, and fill it in where it stands', () => {
    writeFileSync(file, 'AUTH_SECRET=\n# mine\n');
    ensureSettings(world, 'preview', known);
    expect(readFileSync(file, 'utf8')).toMatch(/^AUTH_SECRET=\S{32,}\n# mine\n\w+=/);
  });

  it('are not touched when they cannot be read', () => {
    writeFileSync(file, 'not a setting\n');
    expect(() => ensureSettings(world, 'preview', known)).toThrow(/settings\.env/);
    expect(readFileSync(file, 'utf8')).toBe('not a setting\n');
  });
});
