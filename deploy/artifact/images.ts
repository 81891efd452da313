import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, type Clock } from '../../foundation/clock';
import { Failure, messageOf } from '../../foundation/failure';
import { commandFailure, run as runCommand, type Command, type Run } from '../../foundation/process';
import { app } from '../../services';
import { Attempts, keepTrying } from '../attempts';
import { unmetJson } from '../expectation';
import { commitLabel, migratorSuffix } from '../registry';
import { Registry, type FoundManifest, type RegistryAdapters } from '../registry-client';
import type { ArtifactProps } from './promote';
import { commitTag, tagsAreTaken } from './tags';

/**
 * How the application's images are built: two targets of one Dockerfile at the root of the checkout, which take the commit
 * as `BUILD_SHA` (docs/workflows.md, "Images").
 */
export const imageBuild = {
  file: 'Dockerfile',
  targets: { app: 'runner', migrator: 'migrator' },
  argument: 'BUILD_SHA',
} as const;

export interface ImageAdapters {
  readonly run?: Run;
  readonly clock?: Clock;
  /** @default the global one */
  readonly fetch?: (url: string, init: { readonly signal: AbortSignal }) => Promise<Answer>;
}

type Answer = Pick<Response, 'status' | 'text'>;

const minute = 60_000;

const names = ({
  repository,
  prefix,
  commit,
}: ArtifactProps): readonly (readonly [string, string, string])[] => {
  const tag = commitTag(prefix, commit);
  // The migrator first: where the application's tag is, the pair is whole.
  return [
    [`${tag}${migratorSuffix}`, `${repository}:${tag}${migratorSuffix}`, imageBuild.targets.migrator],
    [tag, `${repository}:${tag}`, imageBuild.targets.app],
  ];
};

/** The commands that build both images, as data. */
export const buildCommands = (props: ArtifactProps, checkout: string): readonly Command[] =>
  names(props).map(([, image, target]) => ({
    argv: [
      'docker',
      'build',
      ...['--file', imageBuild.file, '--target', target],
      ...['--label', `${commitLabel}=${props.commit}`],
      ...['--build-arg', `${imageBuild.argument}=${props.commit}`],
      ...['--tag', image, '.'],
    ],
    cwd: checkout,
    deadline: 40 * minute,
  }));

/** Builds both images. @returns their names @throws Failure with what Docker printed */
export async function buildImages(
  props: ArtifactProps,
  checkout: string,
  { run = runCommand }: ImageAdapters = {},
): Promise<readonly string[]> {
  for (const command of buildCommands(props, checkout)) await succeed(run, command);
  return names(props).map(([, image]) => image);
}

/** What the application is started with here: nothing that it could reach, and no secret. */
const placeholders: Readonly<Record<string, string>> = {
  NODE_ENV: 'production',
  HOSTNAME: '0.0.0.0',
  PORT: String(app.port),
  APP_BASE_URL: 'https://app.invalid',
  AUTH_SECRET: 'a-placeholder-of-thirty-two-characters',
  DATABASE_URL: 'postgresql://nobody:nothing@127.0.0.1:9/none?sslmode=disable',
};

const startsWithin = 20_000;

/**
 * Starts the application's image by itself: it must answer that it lives, and with the commit that it was built from.
 * Ends the container whatever happens.
 *
 * @throws Failure with the container's log
 */
export async function checkImage(
  props: ArtifactProps,
  { run = runCommand, clock = systemClock, fetch = globalThis.fetch }: ImageAdapters = {},
): Promise<void> {
  const image = `${props.repository}:${commitTag(props.prefix, props.commit)}`;
  const docker = (...words: string[]): Command => ({ argv: ['docker', ...words], deadline: minute });
  const variables = Object.entries(placeholders).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
  const started = await succeed(
    run,
    docker('run', '--detach', '--publish', `127.0.0.1::${app.port}`, ...variables, image),
  );
  const container = started.trim();
  try {
    const published = await succeed(run, docker('port', container, `${app.port}/tcp`));
    const origin = `http://${published.trim().split('\n')[0] ?? ''}`;
    const ask = async (path: string): Promise<Answer> => {
      const answer = await fetch(`${origin}${path}`, { signal: AbortSignal.timeout(2_000) });
      if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}, not 200`);
      return answer;
    };
    const attempt = async (): Promise<string | undefined> => {
      try {
        await ask(app.paths.live);
        const wrong = unmetJson(await (await ask(app.paths.version)).text(), { buildSha: props.commit });
        return wrong === undefined ? undefined : `${app.paths.version} ${wrong}`;
      } catch (thrown) {
        return messageOf(thrown);
      }
    };
    await keepTrying(attempt, { every: 500, within: startsWithin }, clock);
  } catch (thrown) {
    if (!(thrown instanceof Attempts)) throw thrown;
    const log = await run(docker('logs', '--tail', '40', container));
    throw new Failure({
      what: `${image} does not answer as it should within ${startsWithin / 1000} s of its start`,
      faults: thrown.reasons,
      state: 'nothing was pushed',
      next: `see that the image is built with ${imageBuild.argument} and answers ${app.paths.live} and ${app.paths.version}, then build it again`,
      output: `${log.stdout}${log.stderr}`,
    });
  } finally {
    await run(docker('rm', '--force', container));
  }
}

/**
 * Pushes both images, unless their tags are there: with this very image it has been done before, with another one it is
 * refused. What was pushed is read back.
 *
 * @throws Failure when a tag is taken, or a push fails
 */
export async function pushImages(
  props: ArtifactProps,
  adapters: RegistryAdapters & ImageAdapters,
): Promise<{ readonly pushed: readonly string[]; readonly there: readonly string[] }> {
  const { run = runCommand } = adapters;
  const registry = new Registry(
    { repository: props.repository, push: true, ...(props.login ? { login: props.login } : {}) },
    adapters,
  );
  const images = await Promise.all(
    names(props).map(async ([tag, image]) => ({
      tag,
      image,
      id: (await succeed(run, inspect(image))).trim(),
      there: await registry.manifestIfAny(tag),
    })),
  );
  const taken = images.filter(({ there, id }) => there !== undefined && !isImage(there, id));
  if (taken.length > 0) {
    throw tagsAreTaken(
      taken.map(
        ({ tag, there, id }) => `${tag} means ${there?.digest ?? ''}, and the image ${id} was to have it`,
      ),
    );
  }
  const missing = images.filter(({ there }) => there === undefined);
  await loggedIn(props, run, async (env) => {
    for (const { image } of missing)
      await succeed(run, { argv: ['docker', 'push', '--quiet', image], env, deadline: 20 * minute });
  });
  for (const { tag, id } of missing) {
    const now = await registry.manifestIfAny(tag);
    if (now === undefined || !isImage(now, id)) {
      throw new Failure({
        what: `docker pushed ${tag}, and the registry does not have this image under that tag`,
        state: 'the registry holds what another run has pushed meanwhile, or nothing',
        next: 'see that no other run pushes the same commit, then run this again',
      });
    }
  }
  return {
    pushed: missing.map(({ image }) => image),
    there: images.filter(({ there }) => there).map(({ image }) => image),
  };
}

const inspect = (image: string): Command => ({
  argv: ['docker', 'image', 'inspect', '--format', '{{.Id}}', image],
  deadline: minute,
});

/** Engines name an image by its configuration, those with containerd's store by its manifest. */
const isImage = ({ digest, manifest }: FoundManifest, id: string): boolean =>
  id === digest || id === manifest.config?.digest;

/** A client configuration of its own: the login ends with it, and the user's own is neither read nor written. */
async function loggedIn(
  { repository, login }: ArtifactProps,
  run: Run,
  use: (env: Readonly<Record<string, string>>) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'cogni-registry-'));
  const env = { DOCKER_CONFIG: folder };
  try {
    if (login) {
      await succeed(run, {
        argv: [
          'docker',
          'login',
          '--username',
          login.username,
          '--password-stdin',
          repository.split('/')[0] ?? '',
        ],
        stdin: login.password,
        env,
        deadline: minute,
      });
    }
    await use(env);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function succeed(run: Run, command: Command): Promise<string> {
  const output = await run(command);
  if (output.code === 0) return output.stdout;
  throw commandFailure(command, output);
}
