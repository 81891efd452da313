import { ExitCode, Failure } from '../foundation/failure';
import { replaceWord } from '../recovery/rebuild/gate';
import type { RebuildBegun } from '../recovery/rebuild/journal';

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
  /** Name of the host that may still live, and is given up although what is off it is old. */
  readonly withoutBackup?: string;
  /** `ARCHIVE_KEY` of the machine that is given up: a person has ended it at the storage. */
  readonly revoked?: string;
  /** Id of a rebuild that was begun and cannot come to its end: another one begins in its place. */
  readonly anew?: string;
  /** Id of a rebuild that was begun: it is ended as it is, and nothing else is done. */
  readonly abandon?: string;
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
export function requireSense(name: string, given: RebuildOptions): void {
  const { export: file, identity, dryRun, withoutFiles, imageTag, keep, remove, abandon } = given;
  const wrong =
    abandon !== undefined && Object.values(given).filter((each) => each !== undefined).length > 1
      ? '--abandon ends a rebuild and does nothing else: no other option goes with it'
      : keep || remove
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
    ['--without-backup', given.withoutBackup],
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

/** Options that say where and with what, and not what: a run that goes on may name others. */
const means = ['identity', 'withoutReceiver', 'revoked', 'image', 'network', 'settings'] as const;

/** Those of {@link means} that are given. */
export const wordsOf = (given: RebuildOptions): Readonly<Record<string, string>> =>
  Object.fromEntries(
    means.flatMap((option) => {
      const value = given[option];
      return value === undefined ? [] : [[option, value]];
    }),
  );

/**
 * The whole command that goes on with a rebuild which was begun, whatever was typed now: what it does is what it was begun with, and where and with what
 * as now, or else as then.
 */
export function goOnCommand(
  name: string,
  { target, release, copy, replaces, givenUp: { server, address }, host, words }: RebuildBegun,
  given: RebuildOptions,
): string {
  return rebuildCommand(name, {
    // A copy opens with a key alone.
    ...(copy === null ? { withoutFiles: true } : { identity: '<file>' }),
    ...words,
    ...wordsOf(given),
    ...(words?.['revoked'] === undefined ? {} : { revoked: words['revoked'] }),
    ...(replaces ? { replace: replaceWord(host, { server, address }) } : {}),
    ...(target === 'newest' ? {} : { to: target }),
    ...(release.from === 'tag' ? { imageTag: release.tag } : {}),
  });
}
