import { table } from '../../../../scripts/figures';
import { DeployedWorld } from '../../../e2e/deployed-world';
import { killAndRunAgain, stepsOf, type Victim } from '../../../e2e/killed-deploy';
import { cogni, inSandbox, textOf } from '../../../e2e/sandbox-cli';
import { keepReport } from '../../report';
import { namesOf, ofEachDeploy } from './where';

export const hour = 60 * 60_000;
/** The two releases between which is deployed and gone back. */
export const [one, other] = ['a', 'd'].map((letter) => `preview-${letter.repeat(40)}`) as [string, string];
/** Whatever tag serves and is to serve: the commit that it was built from. */
export const buildOf = (tag: string): string => tag.replace('preview-', '');
export const deployOf = (tag: string): readonly string[] => ['deploy', 'preview', '--image-tag', tag];

/**
 * A host on which both were deployed; `one` serves.
 *
 * @param options of {@link DeployedWorld.withVersion}
 */
export async function worldWithBoth(
  options?: Parameters<typeof DeployedWorld.withVersion>[1],
): Promise<DeployedWorld> {
  const world = await DeployedWorld.withVersion(one, options);
  await world.publish(other);
  for (const tag of [other, one]) expect(textOf(await world.deploy(tag))).toContain(`serves ${tag}`);
  return world;
}

/** What the rows of a report on kills mean. */
export const meaning = (killed: string): string =>
  `${killed}, and the same command run again. Whole means: the new version serves, no second application, no job, no copy of a file, no login and no lock is left, and the journal, with no torn line, and the releases can be read. Where it was by then is what the journal of the host has begun last: a short step is over before the kill has come to it, or not written down yet.`;

/** The tag of the one of the two that serves. */
export async function serving(world: DeployedWorld): Promise<string> {
  const { version } = (await world.version()) as { readonly version: string };
  return version === one ? one : other;
}

/** The release that does not serve, and its id for going back to it. */
export async function elsewhere(
  world: DeployedWorld,
): Promise<{ readonly tag: string; readonly id: string }> {
  const tag = (await serving(world)) === one ? other : one;
  const listed = await inSandbox(['./cogni', 'releases', 'preview', '--json']);
  const { releases } = JSON.parse(listed.stdout) as {
    readonly releases: readonly { readonly record: { readonly id: string; readonly tag: string } }[];
  };
  return { tag, id: releases.find(({ record }) => record.tag === tag)?.record.id ?? 'none' };
}

/**
 * Kills a deploy and a rollback at each of their steps, and runs the same command again. One file for each victim, since all of them
 * take more than an hour; each writes a report of its own.
 */
export function describeKillsOf(victim: Victim): void {
  describe(`the ${victim} killed`, () => {
    let world: DeployedWorld;
    const rows: string[][] = [];

    beforeAll(async () => {
      world = await worldWithBoth();
    }, hour);
    afterAll(async () => {
      if (rows.length > 0) {
        keepReport(
          `deploy-kills-${victim}`,
          `Killed at every step: the ${victim}`,
          `./cogni test nightly --path deploys/kills/${victim}`,
          [
            meaning(
              `Each run was killed with SIGKILL as soon as it said that the step begins${victim === 'host' ? ' (the host was restarted without a stop)' : ''}`,
            ),
            table(['command', 'killed when this begins', 'where it was', 'whole after the second run'], rows),
          ],
        );
      }
      await cogni('sandbox', 'down');
    });

    it.each(['deploy', 'rollback'] as const)(
      'at each step of a %s: the same command makes it whole',
      async (command) => {
        const wordsTo = ({ tag, id }: { tag: string; id: string }): readonly string[] =>
          command === 'deploy' ? deployOf(tag) : ['rollback', 'preview', '--to', id];
        const steps = await stepsOf(wordsTo(await elsewhere(world)));
        if (command === 'deploy') expect(namesOf(steps)).toEqual([...ofEachDeploy]);
        expect(steps.length).toBeGreaterThan(10);
        for (const step of steps) {
          const to = await elsewhere(world);
          const kill = { words: wordsTo(to), buildSha: buildOf(to.tag), step, victim };
          const at = await killAndRunAgain(world, kill);
          rows.push([command, step.id, at, 'yes']);
        }
      },
      2 * hour,
    );

    it.each(['its tag', 'nothing'] as const)(
      'at each step behind the record of a rollback that names the release by %s: the same command makes it whole',
      async (named) => {
        const wordsTo = (tag: string): readonly string[] => [
          ...['rollback', 'preview'],
          ...(named === 'nothing' ? [] : ['--to', tag]),
        ];
        const steps = await stepsOf(wordsTo((await elsewhere(world)).tag));
        const behind = steps.slice(steps.findIndex(({ id }) => id === 'record') + 1);
        expect(behind.map(({ id }) => id)).toEqual(expect.arrayContaining(['drain', 'retire', 'tidy']));
        for (const step of behind) {
          const { tag } = await elsewhere(world);
          const at = await killAndRunAgain(world, {
            ...{ words: wordsTo(tag), buildSha: buildOf(tag), step, victim },
          });
          rows.push([`rollback, by ${named}`, step.id, at, 'yes']);
        }
      },
      hour,
    );
  });
}
