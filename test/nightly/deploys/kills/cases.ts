import type { StepName } from '../../../../deploy/rolling/step-names';
import type { DeployedWorld } from '../../../e2e/deployed-world';
import { killAt, plain, stepsOf, type AtRest } from '../../../e2e/killed-deploy';
import { changeRecord, changeSetting, playedSetting } from '../../../e2e/played-settings';
import { deployOf, elsewhere } from './every-step';

/** A step that not every deploy has, in an environment with an archive and portable copies. */
export interface Case {
  readonly step: StepName;
  /** What lets the next deploy have it. */
  readonly where: string;
  /** Makes it so. @default - it is so already */
  readonly prepare?: (world: DeployedWorld) => Promise<unknown>;
  /** What is said after the words of the deploy. @default - nothing */
  readonly more?: readonly string[];
  /** What is deployed. @default 'the other release' */
  readonly deploys?: 'what serves' | 'the other release';
  /** What there is in the end, of what there is without it. @default - the same */
  readonly leaves?: (rest: AtRest) => AtRest;
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

/**
 * A `df` before that of the host, by which nothing is free for as long as certain images are all there: to fill its disk would be to fill
 * that of the machine, which others use as well.
 */
const dfThatLacksRoom = `printf '%s\\n' "$@" > /var/tmp/in-the-way
cat > /usr/local/bin/df <<'END'
#!/bin/sh
case "$*" in *--output=avail*)
  xargs docker image inspect < /var/tmp/in-the-way > /dev/null 2>&1 && { printf 'Avail\\n0\\n'; exit; } ;;
esac
exec /usr/bin/df "$@"
END
chmod 0755 /usr/local/bin/df`;

async function lackRoom(world: DeployedWorld): Promise<void> {
  const before = await imagesOn(world);
  await failOne(world);
  const inTheWay = (await imagesOn(world)).filter((image) => !before.includes(image));
  expect(inTheWay).not.toEqual([]);
  await world.onHost('sh', '-c', dfThatLacksRoom, 'sh', ...inTheWay);
}

async function hasRoom(world: DeployedWorld): Promise<void> {
  const inTheWay = (await world.onHost('cat', '/var/tmp/in-the-way')).split('\n');
  await world.onHost('rm', '/usr/local/bin/df', '/var/tmp/in-the-way');
  const there = await imagesOn(world);
  expect(there.filter((image) => inTheWay.includes(image))).toEqual([]);
}

const imagesOn = async (world: DeployedWorld): Promise<readonly string[]> => {
  const listed = ['image', 'ls', '--digests', '--format={{.Repository}}@{{.Digest}}'];
  return (await world.onHost('docker', ...listed)).split('\n');
};

const passwords: string[] = [];

/** Another password of the application: the logins that served before have the old one until the end. */
function changePassword(): Promise<void> {
  passwords.push(playedSetting('APP_DB_PASSWORD'));
  changeSetting('APP_DB_PASSWORD', `password-${passwords.length}-of-the-application`);
  return Promise.resolve();
}

async function passwordIsChanged(world: DeployedWorld): Promise<void> {
  for (const user of ['cogni_app', 'cogni_app_b']) {
    expect([user, await world.logsIn(user, playedSetting('APP_DB_PASSWORD'))]).toEqual([user, true]);
    expect([user, await world.logsIn(user, passwords.at(-1) ?? '')]).toEqual([user, false]);
  }
}

/** Compose makes LiteLLM anew for it. */
function changeKey(): Promise<void> {
  keys += 1;
  changeSetting('LITELLM_MASTER_KEY', `sk-${keys.toString().padStart(32, '0')}`);
  return Promise.resolve();
}
let keys = 0;

const byHand = '# by hand';

const spoil = (world: DeployedWorld): Promise<string> =>
  world.onHost(
    ...['sh', '-c', 'for file in /opt/cogni/runtime/litellm/*/config.yaml; do echo "$0" >> "$file"; done'],
    byHand,
  );

const loseConfiguration = (world: DeployedWorld): Promise<string> =>
  world.onHost('rm', '-r', '/opt/cogni/runtime/litellm');

/** From a configuration that is what is rendered. */
async function modelsAnswer(world: DeployedWorld): Promise<void> {
  const { body } = await world.ask('/ask?question=ping');
  expect(JSON.parse(body.toString())).toMatchObject({ question: 'ping' });
  const read = 'cat /opt/cogni/runtime/litellm/*/config.yaml';
  expect(await world.onHost('sh', '-c', read)).not.toContain(byHand);
}

/** A deploy that is killed behind its record: the same command then ends what it began. */
async function cutOff(world: DeployedWorld): Promise<void> {
  const words = deployOf((await elsewhere(world)).tag);
  const step = (await stepsOf(words)).find(({ id }) => id === 'drain');
  if (step === undefined) throw new Error('a deploy of another release has no drain');
  await killAt(world, { words, step, victim: 'client' });
}

const change =
  (...changes: Parameters<typeof changeRecord>) =>
  (): Promise<void> =>
    Promise.resolve(changeRecord(...changes));

const without = (service: string, { containers, files }: AtRest): AtRest => ({
  containers: containers.filter((name) => !name.includes(`-${service}-`)),
  files: files
    .split('\n')
    .filter((name) => name !== service)
    .join('\n'),
});

const noArchive = {
  where: 'the environment has no archive any more',
  prepare: change({ archiveRecipients: undefined }),
  leaves: () => plain,
} as const;

const spoilt = {
  where: 'the configuration of LiteLLM was edited on the host',
  prepare: spoil,
  holds: modelsAnswer,
} as const;

const lost = {
  where: 'the configuration of LiteLLM is gone from the host',
  prepare: loseConfiguration,
  holds: modelsAnswer,
} as const;

export const cases: readonly Case[] = [
  { step: 'put new configuration beside what serves', ...lost },
  { step: 'restart LiteLLM', ...lost },
  { step: 'keep configuration as it is on the host', ...spoilt },
  { step: 'restart LiteLLM', ...spoilt },
  { step: 'start LiteLLM', where: 'its key has changed', prepare: changeKey, holds: modelsAnswer },
  {
    step: 'start LiteLLM as it was recorded',
    where: 'the run before was killed behind its record',
    prepare: cutOff,
    deploys: 'what serves',
    holds: modelsAnswer,
  },
  {
    step: 'end LiteLLM',
    where: 'the environment has none any more',
    prepare: change({ litellm: 'off' }),
    leaves: (rest) => without('litellm', rest),
  },
  { step: 'restart the database', where: '`--restart-database` asks for it', more: ['--restart-database'] },
  { step: 'restart the database', ...noArchive },
  { step: 'mark the moment before the migrations', where: 'the database is archived' },
  { step: 'start the backups', where: 'the database is archived' },
  { step: 'end the backups', ...noArchive },
  { step: 'start the portable copies', where: 'there are copies beside the archive' },
  { step: 'end the portable copies', ...noArchive },
  { step: 'send the records of the host off it', where: 'there are copies beside the archive' },
  {
    step: 'provision the database again',
    where: 'the password of the application has changed',
    prepare: changePassword,
    holds: passwordIsChanged,
  },
  {
    step: 'make room for the images of the release',
    where: 'the disk has no room beside the images of a deploy that failed',
    prepare: lackRoom,
    holds: hasRoom,
  },
  {
    step: 'remove images that nobody goes back to',
    where: 'a deploy has failed',
    prepare: failOne,
  },
];
