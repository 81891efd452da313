import { once } from 'node:events';
import type { DeployedWorld } from '../../../e2e/deployed-world';
import { cogni } from '../../../e2e/sandbox-cli';
import { deployOf, hour, one, other, worldWithBoth } from './every-step';

describe('two runs on one host', () => {
  let world: DeployedWorld;

  beforeAll(async () => {
    world = await worldWithBoth();
  }, hour);
  afterAll(async () => {
    await cogni('sandbox', 'down');
  });

  it.each([
    ['two deploys', deployOf(other), deployOf(one)],
    ['a deploy and a rollback', deployOf(other), ['rollback', 'preview']],
    ['two of the same', deployOf(other), deployOf(other)],
  ])(
    '%s at once: one is carried out, the other is refused by the lock or finds nothing to do, and what was carried out serves',
    async (_what, first, second) => {
      for (let times = 0; times < 5; times += 1) {
        const runs = [first, second].map((words) => {
          const { child, said } = world.begin(...words);
          return once(child, 'close').then(([code]) => ({ code: code as number, said: said() }));
        });
        const ended = await Promise.all(runs);
        const codes = ended.map(({ code }) => code);
        expect(codes).toContain(0);
        for (const { code, said } of ended) {
          if (code === 0) continue;
          expect(said).toMatch(
            /another run holds it|another run has changed what serves|no release on preview to go back to/,
          );
        }
        expect(await world.lockIsFree()).toBe(true);
        expect((await world.containers()).filter((name) => name.includes('-app-'))).toHaveLength(1);
      }
    },
    hour,
  );
});
