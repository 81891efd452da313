import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { run } from '../../foundation/process';
import { declarationOf, isSettingName, parseDotEnv } from '../../services';
import type { DeployedWorld } from './deployed-world';
import { testWorld } from './sandbox-cli';

/** What the sandbox has as the settings file of `preview`. */
export function settingsOfPreview(): Readonly<Record<string, string>> {
  const file = join(testWorld.folder, 'preview', 'settings.env');
  return parseDotEnv(readFileSync(file, 'utf8'), file);
}

/** Every secret setting of the environment by its name, and the registry's login as Docker would write it down. */
export function plantedSecrets(): ReadonlyMap<string, string> {
  const settings = settingsOfPreview();
  const secrets = Object.entries(settings).filter(
    ([name]) => isSettingName(name) && declarationOf(name).kind === 'secret',
  );
  const login = `${settings['GHCR_USERNAME']}:${settings['GHCR_DEPLOY_TOKEN']}`;
  return new Map([...secrets, ['the login to the registry', Buffer.from(login).toString('base64')]]);
}

/** Names of the secrets in a text, also as parts of URLs. */
export const secretsIn = (text: string, secrets = plantedSecrets()): string[] =>
  [...secrets]
    .filter(([, value]) => text.includes(value) || text.includes(encodeURIComponent(value)))
    .map(([name]) => name);

/** Arguments of every process, those of containers included. */
interface SeenArguments {
  readonly here: string;
  readonly onHost: string;
}

/**
 * Writes down the arguments of every process on this machine and on the host, again and again. One that lives for less
 * than a few milliseconds may be missed; what is sent to the host is in the plan's text as well.
 *
 * @returns ends it, and gives what was seen; throws where that had ended before on the host
 */
export async function watchArguments(world: DeployedWorld): Promise<() => Promise<SeenArguments>> {
  const here = new Set<string>();
  const done = new AbortController();
  const watch = (async () => {
    while (!done.signal.aborted) {
      for (const line of commandLines()) here.add(line);
      await setTimeout(10);
    }
  })();
  const record =
    'while [ ! -e /tmp/seen ]; do cat /proc/[0-9]*/cmdline; echo; done 2>/dev/null >/tmp/seeing; rm /tmp/seen';
  await world.docker.docker(['exec', '--detach', world.hostName, 'timeout', '1800', 'sh', '-c', record]);
  return async () => {
    done.abort();
    await watch;
    await world.onHost('touch', '/tmp/seen');
    // It removes the file itself: one that has ended before has not seen all of it.
    await world.until('what writes down the arguments on the host has ended', async () => {
      const { code } = await world.docker.tryDocker(['exec', world.hostName, 'test', '-e', '/tmp/seen']);
      return code === 1;
    });
    const sorted = 'tr "\\0" " " </tmp/seeing | sort -u; rm /tmp/seeing';
    return { here: [...here].join('\n'), onHost: await world.onHost('sh', '-c', sorted) };
  };
}

/** Of every process of this machine; one that ends meanwhile has none. */
const commandLines = (): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')];
      } catch {
        return [];
      }
    });

const search = [
  'grep',
  '--recursive',
  '--files-with-matches',
  '--fixed-strings',
  '--no-messages',
  '--binary-files=text',
  '--devices=skip',
  '--file=-',
] as const;

/** What `grep` reads: the secrets themselves, which must not be arguments of it either. */
const patterns = (): string => [...plantedSecrets().values()].join('\n');

/**
 * Files of the host that hold a secret. Left out are Docker's and its runtime's own folders, which only root can read:
 * a container's variables are there, as {@link inspectedSecrets} sees them.
 */
export async function filesWithSecretsOnHost(world: DeployedWorld): Promise<readonly string[]> {
  const places = ['/dev/shm', '/etc', '/home', '/opt', '/root', '/tmp', '/var/log', '/var/tmp'];
  const ofPrograms = ['/var/lib/cloud', '/var/lib/cogni', '/var/spool', '/run/log', '/run/user'];
  const { stdout } = await world.docker.tryDocker(
    ['exec', '--interactive', world.hostName, ...search, ...places, ...ofPrograms],
    { stdin: patterns() },
  );
  // What a container's health check is started from lies there for a moment, for root alone: runc's, like Docker's folders.
  const files = stdout.split('\n').filter((path) => path !== '' && !path.startsWith('/tmp/runc-process'));
  return files.sort();
}

/** Files of this sandbox's folder that hold a secret, relative to it. */
export async function filesWithSecretsHere(): Promise<readonly string[]> {
  const { stdout } = await run({
    argv: [...search, '.'],
    cwd: testWorld.folder,
    stdin: patterns(),
    deadline: 60_000,
  });
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((path) => path.replace('./', ''))
    .sort();
}

/** Names of the secrets that `docker inspect` shows of each container of the host, by its name. */
export async function inspectedSecrets(
  world: DeployedWorld,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const found = await Promise.all(
    (await world.containers()).map(async (name) => {
      const text = await world.onHost('docker', 'inspect', name);
      return [name.replace(/^cogni-(?:edge|runtime)-(.*)-1$/, '$1'), secretsIn(text).sort()] as const;
    }),
  );
  return Object.fromEntries(found);
}

/** Everything that was written down of a deploy and can be read by whoever may look at the host, by what it is. */
export async function whatIsTold(world: DeployedWorld): Promise<Readonly<Record<string, string>>> {
  const commands = {
    journal: ['journal', 'preview', '--json'],
    releases: ['releases', 'preview', '--json'],
    status: ['status', 'preview', '--json'],
    lock: ['lock', 'status', 'preview', '--json'],
    logs: ['logs', 'preview', '--tail=all', '--json'],
  } as const;
  const told: Record<string, string> = {};
  for (const [name, words] of Object.entries(commands)) {
    const output = await world.cogni(...words);
    told[`cogni ${name}`] = `${output.stdout}\n${output.stderr}`;
  }
  told['the log of the host'] = await world.onHost('journalctl', '--no-pager', '--output=cat');
  for (const name of await world.containers()) {
    const { stdout, stderr } = await world.docker.tryDocker(['exec', world.hostName, 'docker', 'logs', name]);
    told[`the log of ${name}`] = `${stdout}\n${stderr}`;
  }
  return told;
}
