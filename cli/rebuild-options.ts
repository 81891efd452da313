import { ExitCode, Failure } from '../foundation/failure';
import { declarationOf, settingNames } from '../services';
import { settingsSource } from './settings-source';

export interface RebuildOptions {
  /** Export of the settings that is brought into this checkout first. */
  readonly export?: string;
  /** File with a private key of age: opens the export and the portable copies. */
  readonly identity?: string;
  readonly replace?: string;
  readonly lost?: string;
  readonly to?: string;
  readonly imageTag?: string;
  readonly withoutFiles?: boolean;
  /** Name of the host whose log was received by a host that cannot be asked: what the archive has is enough. */
  readonly withoutReceiver?: string;
  /** `ARCHIVE_KEY` of the machine that is given up: a person has ended it at the storage. */
  readonly revoked?: string;
  /** Id of a rebuild that was begun and cannot come to its end: another one begins in its place. */
  readonly anew?: string;
  /** PostgreSQL with pgBackRest as Docker here knows it, and the network by which it reaches the storage. */
  readonly image?: string;
  readonly network?: string;
  readonly settings?: string;
  readonly dryRun?: boolean;
  /** Of a rehearsal alone: leaves its machine for a person to look at. */
  readonly keep?: boolean;
  /** Of a rehearsal alone: removes what it has made, and does nothing else. */
  readonly remove?: boolean;
}

/** @throws Failure (wrong usage) for options that do not go together */
export function requireSense(
  name: string,
  { export: file, identity, dryRun, withoutFiles, imageTag, keep, remove }: RebuildOptions,
): void {
  const wrong =
    keep || remove
      ? '--keep and --remove go with --rehearse alone'
      : file !== undefined && identity === undefined
        ? '--export needs --identity, the key that opens it'
        : file !== undefined && dryRun
          ? `--dry-run changes nothing, and an import would: ./cogni settings import ${name} ${file} first`
          : withoutFiles && imageTag === undefined
            ? '--without-files leaves the records of the host behind: --image-tag names the build'
            : undefined;
  if (wrong === undefined) return;
  throw new Failure({ what: wrong, next: './cogni rebuild --help', exitCode: ExitCode.usage });
}

/** The same command as it was given: it goes on with what was begun. */
export function rebuildCommand(name: string, given: RebuildOptions): string {
  const words: readonly (readonly [string, string | undefined])[] = [
    ['--export', given.export],
    ['--identity', given.identity],
    ['--replace', given.replace],
    ['--lost', given.lost],
    ['--to', given.to],
    ['--image-tag', given.imageTag],
    ['--without-receiver', given.withoutReceiver],
    ['--revoked', given.revoked],
    ['--image', given.image],
    ['--network', given.network],
    ['--settings', given.settings],
  ];
  return [
    `./cogni rebuild ${name}`,
    ...words.flatMap(([option, value]) => (value === undefined ? [] : [`${option} ${value}`])),
    ...(given.withoutFiles ? ['--without-files'] : []),
  ].join(' ');
}

/** Terraform and its provider read the environment alone; what only stands in the file of the settings is put there. */
export function provisioningVariables(name: string, given: Pick<RebuildOptions, 'settings'>): void {
  const source = settingsSource(name, given.settings);
  const provisions = settingNames.filter((setting) =>
    declarationOf(setting).consumers.some((each) => ['cherry-provider', 'terraform-state'].includes(each)),
  );
  for (const setting of provisions) {
    const value = source[setting];
    if (value && !process.env[setting]) process.env[setting] = value;
  }
}
