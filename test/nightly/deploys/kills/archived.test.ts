import { newIdentity, recipientOf } from '../../../../foundation/age';
import { Secret } from '../../../../foundation/secret';
import { table } from '../../../../scripts/figures';
import type { SandboxEnvironment } from '../../../../stacks/sandbox-overrides';
import type { DeployedWorld } from '../../../e2e/deployed-world';
import { atRest, killAndRunAgain, stepsOf, type AtRest, type Victim } from '../../../e2e/killed-deploy';
import { changeRecord, playedRecord } from '../../../e2e/played-settings';
import { cogni, textOf } from '../../../e2e/sandbox-cli';
import { keepReport } from '../../report';
import { cases } from './cases';
import { buildOf, deployOf, elsewhere, hour, meaning, serving, worldWithBoth } from './every-step';

describe('a deploy to an environment with an archive and portable copies', () => {
  let world: DeployedWorld;
  let rest: AtRest;
  let record: SandboxEnvironment;
  const rows: string[][] = [];

  beforeAll(async () => {
    const archiveFor = await recipientOf(Secret.of('identity', await newIdentity()));
    world = await worldWithBoth({ archiveFor });
    rest = await atRest(world);
    record = playedRecord();
  }, hour);
  afterAll(async () => {
    if (rows.length > 0) {
      keepReport(
        'deploy-kills-archived',
        'Killed at the steps that not every deploy has',
        './cogni test nightly --path deploys/kills/archived',
        [
          'The database of this environment is archived, with portable copies beside it. Before each run was made so what lets a deploy have the step. That the disk has no room is played: `df` says so there for as long as the images are there that are in the way.',
          meaning('Each deploy was killed with SIGKILL as soon as it said that the step begins'),
          table(
            ['killed', 'when this begins', 'because', 'where it was', 'whole after the second run'],
            rows,
          ),
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

  describe.each<Victim>(['client', 'shell', 'host'])('whose %s is killed', (victim) => {
    it.each(cases)(
      'when this begins: $step ($where): the same command makes it whole',
      async ({ step: name, where, prepare, more = [], deploys, leaves, holds }) => {
        // What the case before has taken from the environment is there again.
        changeRecord(record);
        const whole = await world.deploy(await serving(world));
        expect({ code: whole.code, said: whole.code === 0 ? '' : textOf(whole) }).toMatchObject({ code: 0 });

        await prepare?.(world);
        const tag = deploys === 'what serves' ? await serving(world) : (await elsewhere(world)).tag;
        const words = [...deployOf(tag), ...more];
        const step = (await stepsOf(words)).find((each) => each.name === name);
        if (step === undefined) throw new Error(`a deploy of ${tag} has no step "${name}"`);
        const kill = { words, buildSha: buildOf(tag), step, victim, rest: leaves?.(rest) ?? rest };
        const at = await killAndRunAgain(world, kill);
        await holds?.(world);
        rows.push([victim, name, where, at, 'yes']);
      },
      hour,
    );
  });
});
