import { mappingOf } from '../tree';
import { hasVariable, mountsOf, textOf } from './entry';
import { perService, type Rule } from './rule';

/** Distribution specification, for a name with a digest and no tag. */
const byDigest =
  /^(?:[a-zA-Z0-9.-]+(?::[0-9]+)?\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*@sha256:[0-9a-f]{64}$/;

/** A variable alone: what it holds is the settings' business. */
const byVariable = /^\$\{[^{}]+\}$/;

const isPinned = (image: string): boolean => byDigest.test(image) || byVariable.test(image);

export const imageRules: readonly Rule[] = [
  {
    code: 'COMPOSE-401',
    rule: 'an image that is written out is name@sha256: and 64 hex digits',
    why: 'a tag can be moved to something else, and a wrong digest is found only on the host',
    check: perService(function* ({ entry }) {
      const image = textOf(entry['image']);
      const mounted = mountsOf(entry).flatMap(({ type, source }) => (type === 'image' ? [source ?? ''] : []));
      // The image is not shown: somebody may have written a registry's password into it.
      const form = 'not of the form name@sha256:<64 hex digits>';
      if (image !== undefined && entry['build'] === undefined && !isPinned(image))
        yield `its image is ${form}`;
      for (const each of mounted) if (!isPinned(each)) yield `an image that it mounts is ${form}`;
    }),
  },
  {
    code: 'COMPOSE-402',
    rule: 'an image that is built here has a tag of its own',
    why: 'what is called latest is whatever was built last',
    check: perService(function* ({ entry }) {
      const image = entry['build'] === undefined ? undefined : textOf(entry['image']);
      if (image === undefined || hasVariable(image)) return;
      if (/:(?:latest)?$/.test(image) || !/^[^\s:@]+(?::\d+\/[^\s:@]+)?:[\w.-]+$/.test(image)) {
        // Without its registry: somebody may have written a password into it.
        const called = image.replace(/^.*[/@]/s, '');
        yield `the image is called "${called}": it must be name:tag, with a tag other than latest`;
      }
    }),
  },
  {
    code: 'COMPOSE-403',
    rule: 'every service has an image, a build or a provider',
    why: 'Compose refuses the file',
    check: perService(function* ({ entry }) {
      const sources = [entry['image'], entry['build'], entry['provider'], entry['extends']];
      if (sources.every((source) => source === undefined)) yield 'it has neither an image nor a build';
    }),
  },
  {
    code: 'COMPOSE-404',
    rule: 'a build that begins with the image of another service begins with one that is built here',
    why: 'Compose refuses the file',
    check: perService(function* ({ entry }, { document }) {
      const contexts = mappingOf(mappingOf(entry['build'])['additional_contexts']);
      for (const context of Object.values(contexts)) {
        const [, name] = /^service:(.+)$/.exec(textOf(context) ?? '') ?? [];
        const base = name === undefined ? {} : mappingOf(mappingOf(document['services'])[name]);
        if (Object.keys(base).length > 0 && base['build'] === undefined) {
          yield `its build begins with the image of ${String(name)}, which is not built here`;
        }
      }
    }),
  },
];
