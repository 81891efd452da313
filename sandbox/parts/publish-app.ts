import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExitCode, Failure } from '../../foundation/failure';
import type { Progress } from '../../foundation/progress';
import { ensureCertificateAuthority } from '../certificates';
import type { Docker } from '../docker';
import { demoImages } from '../images/demo-app';
import { imageId, imageLabel, recipeLabel, type BuiltImage } from '../images/image';
import type { World } from '../world';
import { ensurePushed, type PushedImage, type PushTarget } from './push';
import { runningRegistry } from './registries';

/** What the demo application of a version says and does. */
export interface AppBehaviour {
  /** What `/version` says in "version". @default the tag */
  readonly version?: string;
  /** What `/version` says in "buildSha". @default what follows the last hyphen of the tag: the sha of `preview-<sha>` */
  readonly buildSha?: string;
  /** `slow-start:20s`, `never-ready`, `not-ready-outside`, `crash-outside`, `crash-after:5s`, `exit-at-once`, `slow-requests:2s`. @default it behaves */
  readonly misbehave?: string;
  /** What its migrator does after all real migrations. @default it ends well */
  readonly migration?: 'fail' | 'hang';
  /** MiB that its image has more than others, which no host has yet: so long does a pull of it take. @default 0 */
  readonly weight?: number;
}

export interface PublishedApp {
  readonly app: PushedImage;
  readonly migrator: PushedImage;
}

/** Repository in the private registry. */
const repository = 'cogni/app';

/**
 * Builds a version of the demo application and pushes it as `cogni/app:<tag>`, its migrator as `cogni/app:<tag>-migrate`.
 * A version is a layer of settings on images that are built once, so this takes a second or two. A tag that is there
 * with another behaviour is moved: that is how a moved tag can be tried out.
 *
 * @throws Failure for a tag that no registry takes, and when the sandbox is not up
 */
export async function publishApp(
  options: {
    readonly docker: Docker;
    readonly world: World;
    readonly tag: string;
    readonly behaviour?: AppBehaviour;
  },
  progress: Progress,
): Promise<PublishedApp> {
  const { docker, world, tag, behaviour = {} } = options;
  if (!/^\w[\w.-]{0,119}$/.test(tag)) {
    throw new Failure({
      what: `${JSON.stringify(tag)} is not a tag: letters, digits, "_", "." and "-", 120 at most, beginning with none of the last two`,
      next: 'choose another tag, for instance preview-1a2b3c4',
      exitCode: ExitCode.usage,
    });
  }
  const registry = await runningRegistry(docker, world, 'ghcr');
  const authority = await ensureCertificateAuthority(world);
  const base = await demoImages(docker, progress);
  const target = { docker, world, registry, authority };
  const push = async (
    from: BuiltImage,
    tagged: string,
    settings: Settings,
    weight = 0,
  ): Promise<PushedImage> => {
    const recipe = versionRecipe(from, settings, weight);
    const reference = `cogni-sandbox/${world.id}:${tagged}`;
    const pack = (): Promise<BuiltImage> =>
      packVersion(target, { from, settings, weight, recipe, reference });
    try {
      return await ensurePushed(target, recipe, pack, repository, tagged, progress);
    } finally {
      await docker.tryDocker(['rmi', reference]);
    }
  };
  return {
    app: await push(base.app, tag, appSettings(tag, behaviour), behaviour.weight),
    migrator: await push(base.migrator, `${tag}-migrate`, migratorSettings(tag, behaviour)),
  };
}

type Settings = Readonly<Record<string, string>>;

const buildOf = (tag: string, { version = tag, buildSha }: AppBehaviour): Settings => ({
  APP_VERSION: version,
  APP_BUILD_SHA: buildSha ?? tag.slice(tag.lastIndexOf('-') + 1),
});

export const appSettings = (tag: string, behaviour: AppBehaviour): Settings => ({
  ...buildOf(tag, behaviour),
  ...(behaviour.misbehave === undefined ? {} : { DEMO_MISBEHAVE: behaviour.misbehave }),
});

export const migratorSettings = (tag: string, behaviour: AppBehaviour): Settings => ({
  ...buildOf(tag, behaviour),
  ...(behaviour.migration === undefined ? {} : { DEMO_MIGRATION: behaviour.migration }),
});

/**
 * A Dockerfile that adds settings to an image; their values come as build arguments, never as text of the file.
 *
 * @param weight MiB of the file `weight` beside it; without one, the version has no layer of its own
 */
export const versionDockerfile = (settings: Settings, weight = 0): string =>
  [
    'ARG BASE',
    'FROM ${BASE}',
    ...(weight === 0 ? [] : ['COPY weight /weight']),
    ...Object.keys(settings).flatMap((name) => [`ARG ${name}`, `ENV ${name}=\${${name}}`]),
    '',
  ].join('\n');

/** The same version of the same application has the same recipe, whenever and in whichever engine it is packed. */
const versionRecipe = (from: BuiltImage, settings: Settings, weight: number): string =>
  createHash('sha256')
    .update(JSON.stringify([from.recipe, Object.entries(settings).sort(), ...(weight === 0 ? [] : [weight])]))
    .digest('hex')
    .slice(0, 12);

async function packVersion(
  { docker, world }: PushTarget,
  version: {
    readonly from: BuiltImage;
    readonly settings: Settings;
    readonly weight: number;
    readonly recipe: string;
    readonly reference: string;
  },
): Promise<BuiltImage> {
  const { from, settings, weight, recipe, reference } = version;
  const folder = mkdtempSync(join(tmpdir(), 'cogni-version-'));
  try {
    writeFileSync(join(folder, 'Dockerfile'), versionDockerfile(settings, weight));
    // What repeats would be compressed to nothing.
    if (weight > 0) writeFileSync(join(folder, 'weight'), randomBytes(weight * 1024 ** 2));
    await docker.docker(
      [
        'build',
        '--quiet',
        '--network=none',
        `--tag=${reference}`,
        `--label=${world.label}`,
        `--label=${imageLabel}=version`,
        `--label=${recipeLabel}=${recipe}`,
        `--build-arg=BASE=${from.reference}`,
        ...Object.entries(settings).map(([name, value]) => `--build-arg=${name}=${value}`),
        folder,
      ],
      { env: { BUILDX_NO_DEFAULT_ATTESTATIONS: '1' } },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { reference, id: await imageId(docker, reference), recipe };
}
