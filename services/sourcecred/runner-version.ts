import { committedImageLock } from '../images';
import { dayFaults, dayOf } from '../release-day';
import manifest from './runner/package.json';

/** Names in services/images.lock.json: what the runner runs in, and what it is built in, which is the same with compilers. */
export const runnerImages = { base: 'node', buildBase: 'node-build' } as const;

/** What the runner is made of. A changed one is a new release. */
export const runner = {
  /** SourceCred, as `runner/package.json` pins it. */
  sourcecred: manifest.dependencies.sourcecred,
  /**
   * Version of Node.js, as the tag of its image says it. SourceCred's database driver of that time is known to work with
   * 18 and does not compile with 20.
   */
  node: versionOf(committedImageLock()[runnerImages.base].tag),
  /** Folder of the build context, relative to the checkout. */
  context: 'services/sourcecred/runner',
} as const;

const form = /^sc(\d+\.\d+\.\d+)-node(\d+)-(\d{4}-\d{2}-\d{2})$/;

/** The tag of a release made today. */
export const runnerTagOf = (today: Date): string =>
  `sc${runner.sourcecred}-node${majorOf(runner.node)}-${dayOf(today)}`;

/**
 * Everything that is wrong with a tag for a release of the runner as it is in this checkout, each as a sentence: a tag
 * says what is in the image, so it must be true.
 */
export function runnerTagFaults(tag: string, today: Date): readonly string[] {
  const [, sourcecred, node, day] = form.exec(tag) ?? [];
  if (sourcecred === undefined || node === undefined || day === undefined) {
    return [`"${tag}" is not sc<version>-node<major>-<date>, such as ${runnerTagOf(today)}`];
  }
  return [
    ...(sourcecred === runner.sourcecred
      ? []
      : [`it names SourceCred ${sourcecred}, and ${runner.context}/package.json pins ${runner.sourcecred}`]),
    ...(node === majorOf(runner.node)
      ? []
      : [`it names Node.js ${node}, and services/images.lock.json has ${runner.node}`]),
    ...dayFaults(day, today),
  ];
}

/** `18.20.8` of the tag `18.20.8-bookworm-slim`. */
function versionOf(tag: string): string {
  return tag.split('-')[0] ?? '';
}

const majorOf = (version: string): string => version.split('.')[0] ?? '';
