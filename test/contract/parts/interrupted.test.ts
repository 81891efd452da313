import type { Docker } from '../../../sandbox/docker';
import { silent } from '../../../foundation/progress';
import { buildDeadline, docker } from '../images/harness';
import { Rig } from './rig';

/** What changes anything in the engine; everything else only looks. */
const changing = new Set([
  'network create',
  'volume create',
  'run',
  'start',
  'rm',
  'tag',
  'push',
  'rmi',
  'build',
]);
const kindOf = ([first = '', second = '']: readonly string[]): string =>
  ['network', 'volume'].includes(first) ? `${first} ${second}` : first;

/** The engine, for a run that is killed right after its n-th change. */
function killedAfter(count: number): { engine: Docker; changes: string[] } {
  const changes: string[] = [];
  const watched =
    <T>(call: (args: readonly string[], options?: object) => Promise<T>) =>
    async (args: readonly string[], options?: object): Promise<T> => {
      // What comes after the kill never happens, whatever the code would do to clean up.
      if (changes.length >= count) throw new Error('killed');
      const result = await call(args, options);
      if (changing.has(kindOf(args))) {
        changes.push(args.join(' '));
        if (changes.length === count) throw new Error('killed');
      }
      return result;
    };
  return {
    engine: {
      host: docker.host,
      docker: watched((...args) => docker.docker(...args)),
      tryDocker: watched((...args) => docker.tryDocker(...args)),
    },
    changes,
  };
}

describe("bringing up a sandbox's parts", () => {
  const rig = new Rig();
  const other = new Rig();
  // Builds first, so that the kills meet what is special to one sandbox.
  beforeAll(() => other.up(), buildDeadline);
  afterAll(async () => {
    await rig.remove();
    await other.remove();
  }, 60_000);

  it('converges when it is killed after each single change it makes, one run after the other', async () => {
    const killed: string[] = [];
    for (let count = 1; ;) {
      const { engine, changes } = killedAfter(count);
      try {
        await rig.up(silent, engine);
        break;
      } catch (cause) {
        if (!(cause as Error).message.includes('killed')) throw cause;
      }
      const last = changes.at(-1) ?? '';
      // What is harmless to do twice is done twice; then the kill comes one change later.
      count = killed.includes(last) ? count + 1 : 1;
      killed.push(last);
      expect(killed.length).toBeLessThan(100);
    }
    expect(killed.filter((change) => change.startsWith('network create'))).toHaveLength(1);
    expect(killed.filter((change) => change.startsWith('run'))).toHaveLength(5);
    expect(killed.filter((change) => change.startsWith('push')).length).toBeGreaterThanOrEqual(2);
    await expect(rig.steps()).resolves.toEqual([]);
  }, 300_000);

  it('leaves another sandbox in the same engine alone', async () => {
    await expect(other.steps()).resolves.toEqual([]);
    const [mine, theirs] = [await rig.labelled(), await other.labelled()];
    expect(mine).toHaveLength(theirs.length);
    expect(mine.filter((name) => theirs.includes(name))).toEqual([]);
  });
});
