import { z } from 'zod';
import {
  copiesFolder,
  copiesService,
  keptBy,
  recordsFolder,
  sumsFile,
  type Archive,
  type Keep,
} from '../../services';
import { layout } from '../rolling/layout';
import type { RemoteCommand } from '../transport';
import { parsed } from './parsed';

/** A portable copy of an environment: everything that was taken in one go. */
export interface Copy {
  /** When it was begun, as the name of its folder in the bucket: `20261122-020013`. */
  readonly name: string;
  readonly at: Date;
  /** Bytes of all parts, encrypted. */
  readonly bytes: number;
  readonly parts: readonly string[];
  /** Every part was read back: only then the list of checksums is there. */
  readonly whole: boolean;
}

export interface JudgedCopy extends Copy {
  /** Rules that keep it; none: it may be removed. */
  readonly keptBy: readonly (keyof Keep | 'newest')[];
}

/** What is to be thought of the portable copies. */
export interface JudgedCopies {
  /** The newest first. */
  readonly copies: readonly JudgedCopy[];
  readonly alarms: readonly string[];
}

const container = `${layout.runtime.project}-${copiesService.host}-1`;

/** Lists what is in the bucket; {@link parseCopies} reads its answer. */
export const listCopies: RemoteCommand = {
  argv: ['docker', 'exec', container, 'pgbackrest', '--output=json', '--recurse', 'repo-ls'],
  deadline: 2 * 60_000,
};

/** Ends with 1 where the last copy was no success, and says why. */
export const copiesComplaint: RemoteCommand = {
  argv: ['docker', 'exec', container, '/bin/sh', copiesService.program, 'healthy'],
  deadline: 30_000,
};

/** Makes a copy and reads it back. */
export const makeCopy: RemoteCommand = {
  argv: ['docker', 'exec', container, '/bin/sh', copiesService.program, 'make'],
  deadline: 4 * 60 * 60_000,
};

/** Sends the records of the host by themselves, and reads them back. */
export const sendRecords: RemoteCommand = {
  argv: ['docker', 'exec', container, '/bin/sh', copiesService.program, 'records'],
  deadline: 2 * 60_000,
};

/** The part of a copy that holds the records of the host. */
export const recordsPart = 'host.tar.age';

const hour = 60 * 60 * 1000;

const listForm = z.record(
  z.string(),
  z.object({
    type: z.string(),
    size: z.number().optional(),
    /** Seconds since 1970. */
    time: z.number().optional(),
  }),
);

/** Records of the host that were sent by themselves. */
export interface SentRecords {
  /** Of their folder, beside the copies: `records/20261122-081500`. */
  readonly name: string;
  /** When that of them arrived which came last, by the storage's clock. */
  readonly at: Date;
  /** They were read back: only then their list of checksums is there. */
  readonly whole: boolean;
}

/** @returns the newest first @throws Failure when it is no answer to {@link listCopies} */
export function parseSentRecords(text: string): readonly SentRecords[] {
  const list = Object.entries(parsed(text, listForm, 'repo-ls'));
  const found = new Map<string, { readonly files: Set<string>; at: number }>();
  for (const [path, { type, time = 0 }] of list) {
    const [, name, file] = recordsForm.exec(path) ?? [];
    if (type !== 'file' || name === undefined || file === undefined) continue;
    const sent = found.get(name) ?? { files: new Set(), at: 0 };
    sent.files.add(file);
    sent.at = Math.max(sent.at, time);
    found.set(name, sent);
  }
  return [...found]
    .map(([name, { files, at }]) => ({
      name,
      at: new Date(at * 1000),
      whole: [recordsPart, sumsFile].every((file) => files.has(file)),
    }))
    .sort((one, other) => other.at.getTime() - one.at.getTime() || (one.name < other.name ? 1 : -1));
}

const recordsForm = new RegExp(`^(${recordsFolder}/\\d{8}-\\d{6})/([^/]+)$`);

/** How many are left of those that are whole. */
const keptRecords = 3;

/** Which of them are needed no more: a later deploy has sent them anew. What is not whole may still be on its way, for a day. Pure. */
export function oldRecords(sent: readonly SentRecords[], now: Date): readonly string[] {
  const kept = new Set(sent.filter(({ whole }) => whole).slice(0, keptRecords));
  return sent
    .filter((one) => !kept.has(one) && (one.whole || now.getTime() - one.at.getTime() > 24 * hour))
    .map(({ name }) => name)
    .reverse();
}

/** @returns the oldest first @throws Failure when it is no answer to {@link listCopies} */
export function parseCopies(text: string): readonly Copy[] {
  const found = new Map<string, { readonly parts: string[]; bytes: number }>();
  for (const [path, { type, size = 0 }] of Object.entries(parsed(text, listForm, 'repo-ls'))) {
    const [, name, part] = /^(\d{8}-\d{6})\/([^/]+)$/.exec(path) ?? [];
    if (type !== 'file' || name === undefined || part === undefined || momentOf(name) === undefined) continue;
    const copy = found.get(name) ?? { parts: [], bytes: 0 };
    copy.parts.push(part);
    copy.bytes += size;
    found.set(name, copy);
  }
  return [...found]
    .map(([name, { parts, bytes }]) => ({
      name,
      at: momentOf(name) ?? new Date(0),
      bytes,
      parts: parts.filter((part) => part !== sumsFile).sort(),
      whole: parts.includes(sumsFile),
    }))
    .sort((one, other) => one.at.getTime() - other.at.getTime());
}

function momentOf(name: string): Date | undefined {
  const date = new Date(name.replace(/^(....)(..)(..)-(..)(..)(..)$/, '$1-$2-$3T$4:$5:$6Z'));
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/**
 * What is to be thought of them. Only whole ones count for the rules; one that is not whole is kept while it may still be
 * under way. The newest whole one is never free.
 */
export function judgeCopies(all: readonly Copy[], archive: Archive, now: Date): JudgedCopies {
  const whole = all.filter((copy) => copy.whole);
  const kept = keptBy(
    whole.map(({ at }) => at),
    archive.copies?.keep ?? archive.keep,
  );
  const newest = whole.at(-1);
  const age = newest && now.getTime() - newest.at.getTime();
  const copies = all.map((copy): JudgedCopy => {
    const rules = kept[whole.indexOf(copy)] ?? [];
    const young = !copy.whole && now.getTime() - copy.at.getTime() < 24 * hour;
    return { ...copy, keptBy: [...rules, ...(copy === newest || young ? (['newest'] as const) : [])] };
  });
  return {
    copies: copies.reverse(),
    alarms:
      age === undefined
        ? [`there is no portable copy that was read back (${copiesFolder}/)`]
        : age > 26 * hour
          ? [`the newest portable copy is ${Math.round(age / hour)} h old; one is due every 24 h`]
          : [],
  };
}
