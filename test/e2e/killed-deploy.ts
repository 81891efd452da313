import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { JournalText } from '../../deploy/journal/reader';
import { inSandbox, textOf } from './sandbox-cli';
import type { Begun, DeployedWorld } from './deployed-world';

/**
 * What is killed, without a chance to clean up: the command on this machine; everything of the deploy user on the host,
 * its end of the connection included; the host itself, which starts again.
 */
export type Victim = 'client' | 'shell' | 'host';

/** What there is on a host at rest, beside the application. */
export interface AtRest {
  /** Names of its containers, sorted. */
  readonly containers: readonly string[];
  /** What `ls -A` says of the folder of the runtime. */
  readonly files: string;
}

/** A host with nothing that is optional but LiteLLM. */
export const plain: AtRest = {
  containers: ['cogni-edge-caddy-1', 'cogni-runtime-litellm-1', 'cogni-runtime-postgres-1'],
  files: '.env\ncompose.yaml\ndb-provision\nlitellm\npostgres',
};

/** What there is on a host that nothing has happened to. */
export const atRest = async (world: DeployedWorld): Promise<AtRest> => ({
  containers: (await world.containers()).filter((name) => !name.includes('-app-')),
  files: await world.onHost('ls', '-A', '/opt/cogni/runtime'),
});

/** A command line after `./cogni`: `deploy preview --image-tag …`. */
type Words = readonly string[];

interface Named {
  readonly id: string;
  readonly name: string;
}

/** The steps that a command would take now. */
export async function stepsOf(words: Words): Promise<readonly Named[]> {
  const output = await inSandbox(['./cogni', ...words, '--dry-run', '--json']);
  return (JSON.parse(output.stdout) as { readonly steps: readonly Named[] }).steps;
}

export interface Kill {
  readonly words: Words;
  /** When it is killed. */
  readonly step: Named;
  readonly victim: Victim;
}

/**
 * Kills a deploy or a rollback when a step of it begins, and waits until nobody holds the lock any more.
 *
 * @returns the step that it was at by the journal, which may be the next one already; `no step under way` where the journal had none that had begun and not ended, `the end` where it had ended before
 */
export async function killAt(world: DeployedWorld, { words, step, victim }: Kill): Promise<string> {
  const weapon = await weapons[victim](world);
  const from = new Date().toISOString();
  const begun = world.begin(...words);
  const closed = once(begun.child, 'close');
  if (!(await begun.says(`▸ ${step.name}`)))
    throw new Error(`it never came to "${step.name}": ${begun.said()}`);
  await weapon(begun);
  await closed;
  await world.until('the lock is free', () => world.lockIsFree());
  return stoppedAt(await journal(), from);
}

/**
 * Kills a deploy or a rollback when this step begins, runs it again, and looks at what is there then.
 *
 * @param buildSha what the `/version` of what it brings says
 * @param rest what there is in the end, beside one application
 * @returns as {@link killAt} does
 */
export async function killAndRunAgain(
  world: DeployedWorld,
  { buildSha, rest = plain, ...kill }: Kill & { readonly buildSha: string; readonly rest?: AtRest },
): Promise<string> {
  const at = await killAt(world, kill);
  const again = await inSandbox(['./cogni', ...kill.words]);
  expect({ again: again.code, said: again.code === 0 ? '' : textOf(again) }).toEqual({ again: 0, said: '' });
  expect(await world.version()).toMatchObject({ buildSha });
  await expectTidy(world, rest);
  const { torn, newer } = await journal();
  expect({ torn, newer }).toEqual({ torn: 0, newer: 0 });
  return at;
}

async function journal(): Promise<JournalText> {
  const { code, stdout, stderr } = await inSandbox(['./cogni', 'journal', 'preview', '--json']);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as JournalText;
}

/** @param from when the run began that is looked for */
function stoppedAt({ runs: [newest] }: JournalText, from: string): string {
  if (newest === undefined || newest.at < from) return 'no step under way';
  if (newest.ended !== undefined) return 'the end';
  return newest.steps.findLast(({ state }) => state === 'begun')?.step ?? 'no step under way';
}

/** What kills, made ready beforehand: what has to be started first comes too late for a short step. */
const weapons: Readonly<Record<Victim, (world: DeployedWorld) => Promise<(begun: Begun) => Promise<void>>>> =
  {
    client: () =>
      Promise.resolve(({ child }) => {
        child.kill('SIGKILL');
        return Promise.resolve();
      }),
    shell: async (world) => {
      const { host } = world.docker;
      const inside = 'echo ready && read -r go && pkill --signal=KILL --euid=deploy';
      const killer = spawn('docker', ['exec', '--interactive', world.hostName, 'sh', '-c', inside], {
        env: { ...process.env, ...(host === undefined ? {} : { DOCKER_HOST: host }) },
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      const ended = once(killer, 'close');
      await once(killer.stdout, 'data');
      return async () => {
        killer.stdin.end('go\n');
        const [code] = (await ended) as [number | null];
        // 1: nobody of that user is there any more, because it has ended.
        expect([0, 1]).toContain(code);
      };
    },
    host: (world) =>
      Promise.resolve(async () => {
        await world.docker.docker(['restart', '--time=0', world.hostName]);
        const health = ['docker', 'inspect', '--format={{.State.Health.Status}}', 'cogni-edge-caddy-1'];
        await world.until('the edge is healthy after the start of the host', async () => {
          const asked = await world.docker.tryDocker(['exec', world.hostName, ...health]);
          return asked.stdout.trim() === 'healthy';
        });
      }),
  };

/** Exactly what a deploy leaves that nothing happened to: no second application, no job, no copies, a record. */
async function expectTidy(world: DeployedWorld, rest: AtRest): Promise<void> {
  const apps = (await world.containers()).filter((name) => name.includes('-app-'));
  expect(apps).toHaveLength(1);
  expect(await atRest(world)).toEqual(rest);
  expect(await world.lockIsFree()).toBe(true);
  expect(await world.onHost('ls', '-A', '/opt/cogni/edge/caddy/upstream')).toBe('active');
  expect(await world.onHost('ls', '-A', '/dev/shm')).toBe('');
  expect((await inSandbox(['./cogni', 'releases', 'preview'])).code).toBe(0);
}
