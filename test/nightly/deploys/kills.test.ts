import { once } from 'node:events';
import { table } from '../../../scripts/figures';
import { DeployedWorld } from '../../e2e/deployed-world';
import { killAndRunAgain, stepsOf, type Victim } from '../../e2e/killed-deploy';
import { cogni, inSandbox, textOf } from '../../e2e/sandbox-cli';
import { keepReport } from '../report';

const hour = 60 * 60_000;
const victims: readonly Victim[] = ['client', 'shell', 'host'];

describe('whatever a deploy meets', () => {
  const [one, other] = ['a', 'd'].map((letter) => `preview-${letter.repeat(40)}`) as [string, string];
  const shaOf = (tag: string): string => tag.replace('preview-', '');
  const deployOf = (tag: string): readonly string[] => ['deploy', 'preview', '--image-tag', tag];
  let world: DeployedWorld;
  const rows: string[][] = [];

  /** The release that does not serve, and its id for going back to it. */
  const elsewhere = async (): Promise<{ readonly tag: string; readonly id: string }> => {
    const { version } = (await world.version()) as { readonly version: string };
    const tag = version === one ? other : one;
    const listed = await inSandbox(['./cogni', 'releases', 'preview', '--json']);
    const { releases } = JSON.parse(listed.stdout) as {
      readonly releases: readonly { readonly record: { readonly id: string; readonly tag: string } }[];
    };
    return { tag, id: releases.find(({ record }) => record.tag === tag)?.record.id ?? 'none' };
  };

  beforeAll(async () => {
    world = await DeployedWorld.withVersion(one);
    await world.publish(other);
    for (const tag of [other, one]) expect(textOf(await world.deploy(tag))).toContain(`serves ${tag}`);
  }, hour);
  afterAll(async () => {
    if (rows.length > 0) {
      keepReport('deploy-kills', 'Killed at every step', './cogni test nightly --path deploys/kills', [
        'Each run was killed with SIGKILL when the step began (the host: restarted without a stop), and the same command run again. Whole means: the new version serves, no second application, no job, no copy of a file, no login and no lock is left, and the journal and the releases can be read.',
        table(['command', 'killed', 'whole after the second run, killed at'], rows),
      ]);
    }
    await cogni('sandbox', 'down');
  });

  describe.each(victims)('the %s killed', (victim) => {
    it.each(['deploy', 'rollback'] as const)(
      'at each step of a %s: the same command makes it whole',
      async (command) => {
        const wordsTo = ({ tag, id }: { tag: string; id: string }): readonly string[] =>
          command === 'deploy' ? deployOf(tag) : ['rollback', 'preview', '--to', id];
        const steps = await stepsOf(wordsTo(await elsewhere()));
        expect(steps.length).toBeGreaterThan(10);
        const whole: string[] = [];
        for (const step of steps) {
          const to = await elsewhere();
          await killAndRunAgain(world, { words: wordsTo(to), buildSha: shaOf(to.tag), step, victim });
          whole.push(step.id);
        }
        rows.push([command, victim, whole.join(', ')]);
      },
      2 * hour,
    );
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
            /another run holds it|another deploy has just put there|no release on preview to go back to|is what serves/,
          );
        }
        expect(await world.lockIsFree()).toBe(true);
        expect((await world.containers()).filter((name) => name.includes('-app-'))).toHaveLength(1);
      }
    },
    hour,
  );
});
