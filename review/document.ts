import { bytesOf, decoded } from './encoding';
import { lineDiff } from './line-diff';
import { cut, maskText, type Masking } from './masking';

/** How a document that a machine gets at its first boot differs: decoded, as text, without secrets. */
export interface DocumentDiff {
  /** Attribute that holds it. */
  readonly path: string;
  /** Lines that begin with a space, `-` or `+`; empty where nothing can be shown, and `note` says why. */
  readonly diff: string;
  readonly note?: string;
}

/** Longest difference in a report, in characters. */
const longest = 100_000;
/** What the API takes as the first words of user data (vendor's documentation). */
const beginnings = ['#!/bin/bash', '#cloud-config'];

/** Why the provider or the API will not take a document; undefined when they will, as far as can be told. */
export function documentFault(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  const bytes = bytesOf(value);
  if (bytes === undefined) return 'it is not standard base64, which the provider says only at apply';
  if (beginnings.some((beginning) => bytes.toString('latin1', 0, beginning.length) === beginning))
    return undefined;
  return `decoded it does not begin with ${beginnings.join(' or ')}, and the API takes nothing else`;
}

/** Compares two documents in base64; what is not base64 is compared as it is. */
export function documentDiff(path: string, before: unknown, after: unknown, masking: Masking): DocumentDiff {
  const [old, now] = [decoded(before), decoded(after)];
  const binary = [old, now].find((each) => each.text === undefined);
  if (binary) return { path, diff: '', note: `not shown: ${binary.why}` };
  const [oldText, nowText] = [old.text ?? '', now.text ?? ''];
  const diff = lineDiff(maskText(oldText, masking), maskText(nowText, masking));
  if (diff !== '')
    return diff.length > longest
      ? { path, diff: cut(diff, longest), note: `the first ${longest} of ${diff.length} characters` }
      : { path, diff };
  const note =
    oldText === nowText
      ? 'decoded, both are the same text; only the encoding differs, which counts as a change all the same'
      : 'they differ only in what is secret and not shown';
  return { path, diff: '', note };
}
