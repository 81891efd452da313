import { newIdentity, recipientOf } from '../../../../foundation/age';
import { Secret } from '../../../../foundation/secret';
import { table } from '../../../../scripts/figures';
import type { DeployedWorld } from '../../../e2e/deployed-world';
import { atRest, killAndRunAgain, stepsOf, type AtRest, type Victim } from '../../../e2e/killed-deploy';
import { changeSetting, playedSetting } from '../../../e2e/played-settings';
import { cogni } from '../../../e2e/sandbox-cli';
import { keepReport } from '../../report';
import { buildOf, deployOf, elsewhere, hour, meaning, worldWithBoth } from './every-step';

/** A step that not every deploy has. */
interface Case {
  readonly step: string;
  /** Makes the next deploy have it. @default - each has it, where the database is archived */
  readonly prepare?: (world: DeployedWorld) => Promise<unknown>;
  /** What must be true beside all else, once the same command was run again. @default - nothing */
  readonly holds?: (world: DeployedWorld) => Promise<void>;
}

/** An image of a release that was never recorded: nobody goes back to it. */
async function failOne(world: DeployedWorld): Promise<void> {
  failed += 1;
  const tag = `preview-${failed.toString().padStart(7, '0')}`;
  const { code } = await world.deploy(await world.publish(tag, '--migration', 'fail'));
  expect(code).toBe(1);
}
let failed = 0;

const passwords: string[] = [];

const cases: readonly Case[] = [
  {
    step: 'place',
    prepare: (world) => world.onHost('rm', '-r', '/opt/cogni/runtime/litellm'),
  },
  { step: 'restore-point' },
  { step: 'backup' },
  { step: 'copies' },
  { step: 'away' },
  {
    step: 'settle',
    prepare: () => {
      passwords.push(playedSetting('APP_DB_PASSWORD'));
      changeSetting('APP_DB_PASSWORD', `password-${passwords.length}-of-the-application`);
      return Promise.resolve();
    },
    holds: async (world) => {
      for (const user of ['cogni_app', 'cogni_app_b']) {
        expect([user, await world.logsIn(user, playedSetting('APP_DB_PASSWORD'))]).toEqual([user, true]);
        expect([user, await world.logsIn(user, passwords.at(-1) ?? '')]).toEqual([user, false]);
      }
    },
  },
  { step: 'prune', prepare: failOne },
];

describe('a deploy to an environment with an archive and portable copies', () => {
  let world: DeployedWorld;
  let rest: AtRest;
  const rows: string[][] = [];

  beforeAll(async () => {
    const archiveFor = await recipientOf(Secret.of('identity', await newIdentity()));
    world = await worldWithBoth({ archiveFor });
    rest = await atRest(world);
  }, hour);
  afterAll(async () => {
    if (rows.length > 0) {
      keepReport(
        'deploy-kills-archived',
        'Killed at the steps that not every deploy has',
        './cogni test nightly --path deploys/kills/archived',
        [
          'The database of this environment is archived, with portable copies beside it. Before each run was made so what lets a deploy have the step: for `place` a folder of configuration that is gone, for `settle` another password of the application, for `prune` the images of a deploy that has failed.',
          meaning('Each deploy was killed with SIGKILL as soon as it said that the step begins'),
          table(['killed', 'when this begins', 'where it was', 'whole after the second run'], rows),
        ],
      );
    }
    await cogni('sandbox', 'down');
  });

  it('leaves, when nothing happens to it, what makes backups and copies, and no file of its own', () => {
    expect(rest.containers).toEqual(
      expect.arrayContaining(['cogni-runtime-backup-1', 'cogni-runtime-copies-1']),
    );
    expect(rest.files.split('\n').filter((name) => name.startsWith('.'))).toEqual(['.env']);
  });

  it.each<Victim>(['client', 'shell'])(
    'is made whole by the same command, when the %s is killed at a step that not every deploy has',
    async (victim) => {
      for (const { step: id, prepare, holds } of cases) {
        await prepare?.(world);
        const { tag } = await elsewhere(world);
        const words = deployOf(tag);
        const step = (await stepsOf(words)).find((each) => each.id === id);
        if (step === undefined) throw new Error(`a deploy of ${tag} has no step ${id}`);
        const kill = { words, buildSha: buildOf(tag), step, victim, rest };
        const at = await killAndRunAgain(world, kill);
        await holds?.(world);
        rows.push([victim, id, at, 'yes']);
      }
    },
    2 * hour,
  );
});
