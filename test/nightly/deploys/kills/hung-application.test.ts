import { once } from 'node:events';
import type { DeployedWorld } from '../../../e2e/deployed-world';
import { cogni, textOf } from '../../../e2e/sandbox-cli';
import { buildOf, deployOf, hour, one, other, worldWithBoth } from './every-step';

describe('a deploy whose client is killed while it stops what served before, which hangs', () => {
  let world: DeployedWorld;

  beforeAll(async () => {
    world = await worldWithBoth();
  }, hour);
  afterEach(() => world.endLoads());
  afterAll(async () => {
    await cogni('sandbox', 'down');
  });

  it.each([
    ['a rollback', ['rollback', 'preview'], one],
    ['the same deploy', deployOf(other), other],
  ])(
    'leaves Docker Compose at work: %s right behind it waits for its end, and is carried out at the first try',
    async (_what, next, serves) => {
      // Its end is waited for, which leaves time to make it hang: it hears of no request to end, and is killed when its grace is over.
      await world.load('stream', 1, { eventStreams: 1 });
      const [before] = (await world.containers()).filter((name) => name.includes('-app-'));
      if (before === undefined) throw new Error('no application runs');
      const { child, says, said } = world.begin(...deployOf(other));
      const closed = once(child, 'close');
      if (!(await says('▸ let what served before end its requests'))) throw new Error(said());
      await world.onHost('docker', 'kill', '--signal=STOP', before);
      if (!(await says('▸ stop what served before'))) throw new Error(`it never came to that: ${said()}`);
      await world.until('Docker Compose stops what served before', async () => {
        const asked = ['exec', world.hostName, 'pgrep', '--full', 'rm --stop --force app-'];
        return (await world.docker.tryDocker(asked)).code === 0;
      });
      child.kill('SIGKILL');
      await closed;
      const again = await world.cogni(...next);
      expect({ code: again.code, said: again.code === 0 ? '' : textOf(again) }).toEqual({
        code: 0,
        said: '',
      });
      expect(textOf(again)).toContain("another run's Docker Compose is at work on the host");
      expect(await world.version()).toMatchObject({ buildSha: buildOf(serves) });
      expect((await world.containers()).filter((name) => name.includes('-app-'))).toHaveLength(1);
      expect(await world.lockIsFree()).toBe(true);
    },
    hour,
  );
});
