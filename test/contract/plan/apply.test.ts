import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCode, Failure } from '../../../foundation/failure';
import { planKeys } from '../../../infra/plan/plan-keys';
import { readSealedPlan } from '../../../infra/plan/sealed-plan';
import { app, key, userData, withServer } from '../provider/configuration';
import { World } from '../provider/run';
import { commit, Desk } from './desk';

/** Milliseconds: on a machine that has built nothing yet, the stand-in is compiled first. */
const build = 10 * 60_000;
// Each test runs Terraform several times, which takes long on a busy machine.
jest.setTimeout(3 * 60_000);

let world: World;
beforeAll(async () => {
  world = await World.start();
}, build);
afterAll(() => world.remove());
beforeEach(() => world.rig.control('POST', 'reset'));

const keyAlone = (change: object = {}): object => ({
  resource: { cherryservers_ssh_key: { deploy: { ...key, ...change } } },
});
const refusalOf = async (work: Promise<unknown>): Promise<Failure> => {
  try {
    await work;
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
  throw new Error('it was applied');
};

describe('a kept plan', () => {
  it('is applied as that very file, with its gate, its variables and its outputs; nothing is left to plan', async () => {
    const configuration = {
      ...withServer({
        user_data: '${base64encode("#cloud-config\\n# ${var.token}\\n")}',
        lifecycle: { ignore_changes: ['user_data'] },
      }),
      variable: { token: { type: 'string', sensitive: true } },
      output: {
        id: { value: `\${${app}.id}` },
        token: { value: '${var.token}', sensitive: true },
      },
    };
    const { resource, ...rest } = configuration as unknown as { resource: object };
    const gate = {
      provisioner: [{ 'local-exec': { interpreter: ['touch'], command: 'gate-was-passed' } }],
      triggers: { server: `\${${app}.id}` },
    };
    const desk = await Desk.open(world, keyAlone());
    desk.stack.write({ ...rest, resource: { ...resource, null_resource: { gate } } });
    const variables = join(desk.stack.folder, 'token.auto.tfvars.json');
    writeFileSync(variables, JSON.stringify({ token: 'planned-with' }));
    const { manifest } = await desk.plan();
    expect(manifest).toMatchObject({ severity: 'safe', state: null, commit, losses: [] });
    // As on another machine, whose own token is another one.
    writeFileSync(variables, JSON.stringify({ token: 'applied-with' }));
    const said: string[] = [];
    const env = { ...desk.at.env, TF_VAR_token: 'of-the-environment' };
    const { outputs } = await desk.apply({
      at: { ...desk.at, env },
      onOutput: (chunk) => void said.push(chunk),
    });
    expect(outputs).toEqual({ id: String(world.rig.machines.all[0]!.serverId) });
    expect(said.join('')).toContain('Apply complete! Resources: 3 added');
    expect(existsSync(join(desk.stack.folder, 'gate-was-passed'))).toBe(true);
    const { user_data: document } = (await desk.stack.valuesOf(app)) as { user_data: string };
    expect(Buffer.from(document, 'base64').toString()).toContain('planned-with');
    writeFileSync(variables, JSON.stringify({ token: 'planned-with' }));
    expect(await desk.stack.must('plan', '-detailed-exitcode', '-input=false')).toContain('No changes.');
    expect(readFileSync(desk.keptFile, 'utf8')).not.toMatch(/planned-with|applied-with/);
  });

  it('that empties a disk is applied only when host and plan are named, and a backup is not needed', async () => {
    const desk = await Desk.open(world, withServer({ allow_reinstall: true }));
    await desk.stack.apply();
    desk.stack.write(withServer({ allow_reinstall: true, user_data: userData('second') }));
    const { manifest } = await desk.plan();
    const word = `prod-app@${manifest.plan.sha256.slice(0, 8)}`;
    const unsaid = await refusalOf(desk.apply());
    expect([unsaid.exitCode, unsaid.faults]).toEqual([
      ExitCode.refused,
      [expect.stringContaining(`--wipe ${word}`), expect.stringContaining('--without-backup prod-app')],
    ]);
    expect(world.rig.machines.all).toMatchObject([{ diskGeneration: 1 }]);
    const words = { wipe: [word], reviewed: undefined, withoutBackup: ['prod-app'] };
    expect((await desk.apply({ words, dryRun: true })).applied).toBe(false);
    expect(world.rig.machines.all).toMatchObject([{ diskGeneration: 1 }]);
    await desk.apply({ words });
    expect(world.rig.machines.all).toMatchObject([{ diskGeneration: 2 }]);
  });

  it('is refused with every reason at once, and the API is asked to change nothing', async () => {
    const desk = await Desk.open(world, keyAlone());
    await desk.plan();
    await desk.stack.apply();
    const lock = join(desk.stack.folder, '.terraform.lock.hcl');
    writeFileSync(lock, `${readFileSync(lock, 'utf8')}# another one\n`);
    desk.stack.write(keyAlone({ name: 'other' }));
    const later = {
      now: () => new Date(Date.now() + 2 * 60 * 60_000),
      monotonic: () => 0,
      sleep: async () => {},
    };
    let refusal: Failure | undefined;
    const asked = await world.asked(async () => {
      refusal = await refusalOf(
        desk.apply({
          environment: 'production',
          stack: 'production',
          checkout: { commit: '2'.repeat(40), dirty: true },
          at: { ...desk.at, clock: later },
        }),
      );
    });
    expect(refusal?.exitCode).toBe(ExitCode.refused);
    expect(refusal?.faults).toEqual([
      expect.stringContaining('it is a plan for preview, not for production'),
      expect.stringContaining('it was made from commit 111111111111'),
      expect.stringContaining('files that are in no commit'),
      expect.stringContaining('the configuration that this checkout gives is another one'),
      expect.stringContaining('something was applied since'),
      expect.stringContaining('the providers are locked to other hashes'),
      expect.stringContaining('it expired at'),
    ]);
    expect(asked.filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  it('is refused when it was tampered with, belongs to another key, or cannot be opened', async () => {
    const desk = await Desk.open(world, keyAlone());
    const other = await Desk.open(world, keyAlone({ name: 'other' }));
    await desk.plan();
    await other.plan();
    const [plan, foreign] = [readSealedPlan(desk.keptFile), readSealedPlan(other.keptFile)];
    const changed = { ...plan, manifest: { ...plan.manifest, expiresAt: '2099-01-01T00:00:00.000Z' } };
    expect((await refusalOf(desk.apply({ plan: changed }))).faults).toEqual([
      expect.stringContaining('its manifest was changed after'),
    ]);
    expect((await refusalOf(desk.apply({ plan: { ...plan, sealed: foreign.sealed } }))).faults).toEqual([
      expect.stringContaining('its encrypted part is not the one that was signed'),
    ]);
    expect((await refusalOf(desk.apply({ plan: foreign }))).faults).toEqual([
      expect.stringContaining('which may not sign plans here'),
    ]);
    const stranger = await planKeys({ environment: 'x', folder: join(desk.stack.folder, 'stranger') });
    const keys = { ...desk.keys, identities: stranger.identities };
    expect((await refusalOf(desk.apply({ keys }))).faults).toEqual([
      expect.stringContaining('it cannot be decrypted with the identity here'),
    ]);
    expect((await desk.apply()).applied).toBe(true);
  });

  it('that does something else than a trusted manifest says is refused', async () => {
    const desk = await Desk.open(world, withServer({ allow_reinstall: true }));
    await desk.stack.apply();
    desk.stack.write(withServer({ allow_reinstall: true, user_data: userData('second') }));
    await desk.plan({
      judge: () =>
        ({ verdict: 'NO-OP', severity: 'nothing', counts: {}, losses: [], doomed: false }) as never,
    });
    expect((await refusalOf(desk.apply())).faults).toEqual([
      'the plan does something else (WIPE) than its manifest says (NO-OP)',
      expect.stringContaining('WIPE: prod-app'),
      expect.stringContaining('no fresh backup of prod-app'),
    ]);
  });

  it('is applied by one of two that begin at once; the other says that the state is locked', async () => {
    const desk = await Desk.open(world, keyAlone());
    await desk.plan();
    const slow = { kind: 'delay', milliseconds: 4_000 };
    await world.rig.control('POST', 'faults', { when: { method: 'POST', path: '/v1/ssh-keys' }, then: slow });
    const ended = await Promise.allSettled([desk.apply(), desk.apply()]);
    expect(ended.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const [failed] = ended.flatMap((each) => (each.status === 'rejected' ? [each.reason as Failure] : []));
    expect(failed?.message).toMatch(/another run holds the lock of the state|something was applied since/);
    expect([ExitCode.locked, ExitCode.refused]).toContain(failed?.exitCode);
  });

  it('leaves nothing in clear behind, in memory or on the disk, when Terraform refuses to plan', async () => {
    const desk = await Desk.open(world, keyAlone());
    desk.stack.write({ resource: { cherryservers_ssh_key: { deploy: { name: 'x' } } } });
    // A folder of its own: what others plan meanwhile comes and goes in the one that all have.
    const memory = mkdtempSync('/dev/shm/cogni-test-');
    jest.replaceProperty(process, 'env', { ...process.env, XDG_RUNTIME_DIR: memory });
    const seen = new Set<string>();
    const looking = setInterval(() => readdirSync(memory).forEach((name) => seen.add(name)), 20);
    try {
      await expect(desk.plan()).rejects.toThrow(/no plan could be made[\s\S]*public_key/);
      expect([...seen]).toEqual([expect.stringMatching(/^cogni-plan-/)]);
      expect(readdirSync(memory)).toEqual([]);
      expect(existsSync(desk.keptFile)).toBe(false);
    } finally {
      clearInterval(looking);
      jest.restoreAllMocks();
      rmSync(memory, { recursive: true });
    }
  });
});
