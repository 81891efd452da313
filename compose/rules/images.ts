import { posix } from 'node:path';
import type { IConstruct } from 'constructs';
import type { Inspection, ProjectView, ServiceView } from '../inspection';
import { isMapping } from '../raw';
import { ImageReference, PlainReference, Text } from '../reference';
import { mappingOf, type Node, type PlainMapping } from '../tree';
import { imagesIn } from './dockerfile';
import { hasVariable, mountsOf, textOf, textsOf, withFallbacks } from './entry';
import { perService, type Breach, type Rule } from './rule';

/** Distribution specification, for a name with a digest and no tag. */
const byDigest =
  /^(?:[a-zA-Z0-9.-]+(?::[0-9]+)?\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*@sha256:[0-9a-f]{64}$/;

/**
 * A variable alone that has no other value beside its own: what it holds is the settings' business. Whether a missing one is
 * noticed is another rule's (COMPOSE-103).
 */
const byVariable = /^\$\{[A-Za-z_][A-Za-z0-9_]*(?::?\?[^{}]*)?\}$/;

/** Such a variable, or one that falls back to a digest, or the digest itself. */
const isPinned = (image: string): boolean => byVariable.test(image) || byDigest.test(withFallbacks(image));

// The image is not shown: somebody may have written a registry's password into it.
const form = 'not of the form name@sha256:<64 hex digits>';

/** What is not pinned in a service's entry, in words. */
function* unpinned({ entry }: ServiceView, { project }: ProjectView): Generator<string> {
  const image = textOf(entry['image']);
  if (image !== undefined && entry['build'] === undefined && !isPinned(image)) yield `its image is ${form}`;
  for (const { type, source = '' } of mountsOf(entry)) {
    if (type === 'image' && !isPinned(source)) yield `an image that it mounts is ${form}`;
  }
  if (entry['build'] === undefined) return;
  const build = mappingOf(entry['build']);
  const contexts = contextsOf(build);
  for (const [, context] of contexts) {
    const [, of] = /^docker-image:\/\/(.*)$/s.exec(context) ?? [];
    if (of !== undefined && !isPinned(of)) yield `an image that its build has for a context is ${form}`;
  }
  const { dockerfile_inline: inline, context, dockerfile } = build;
  const folder = textOf(entry['build']) ?? textOf(context);
  const path = folder === undefined ? '' : posix.join(folder, textOf(dockerfile) ?? 'Dockerfile');
  const dockerfileText = textOf(inline)?.replaceAll('$$', '$') ?? project.file(path)?.content;
  if (dockerfileText === undefined) return;
  const names = contexts.map(([name]) => name);
  const given = argumentsOf(build);
  const byArgument = new Set([...given.values()].filter((value = '') => isPinned(value)));
  for (const each of imagesIn(dockerfileText, names, given)) {
    // Beside a digest a tag is only a word.
    if (!byArgument.has(each) && !byDigest.test(each.replace(/:[\w.-]+(?=@sha256:)/, '')))
      yield `an image that the Dockerfile of its build names is ${form}`;
  }
}

/** Further contexts of a build by name, in either form. */
const contextsOf = ({
  additional_contexts: contexts,
}: PlainMapping): readonly (readonly [string, string])[] => [
  ...Object.entries(mappingOf(contexts)).map(([name, context]) => [name, textOf(context) ?? ''] as const),
  ...textsOf(contexts).map((each) => {
    const [name = '', context = ''] = each.split(/=(.*)/s);
    return [name, context] as const;
  }),
];

/** Arguments of a build; what comes from the environment is not known. */
const argumentsOf = ({ args }: PlainMapping): ReadonlyMap<string, string | undefined> =>
  new Map([
    ...Object.entries(mappingOf(args)).map(([name, value]) => [name, textOf(value)] as const),
    ...textsOf(args).map((each) => {
      const [name = '', value] = each.split(/=(.*)/s);
      return [name, value] as const;
    }),
  ]);

/** Images that raw entries take from a variable of which nobody has said that it holds one. */
function* undeclared({ readers }: ProjectView): Generator<Breach> {
  for (const { at, keys, node } of readers) {
    if (keys[0] !== 'services' || !isMapping(node)) continue;
    const isReference = (image: Node | undefined): boolean =>
      image instanceof Text || (image instanceof PlainReference && !(image instanceof ImageReference));
    if (node['build'] === undefined && isReference(node['image']))
      yield { at, message: 'its image is a variable that is not declared to hold one (ImageReference)' };
  }
}

function* unpinnedModels({ project, document }: ProjectView): Generator<Breach> {
  const handles = new Map<string, IConstruct>(project.models.map((at) => [at.name, at]));
  for (const [name, entry] of Object.entries(mappingOf(document['models']))) {
    const model = textOf(mappingOf(entry)['model']);
    if (model !== undefined && !isPinned(model)) {
      yield { at: handles.get(name) ?? project, message: `the model ${name} is ${form}` };
    }
  }
}

export const imageRules: readonly Rule[] = [
  {
    code: 'COMPOSE-401',
    rule: 'an image or a model that is written out is name@sha256: and 64 hex digits, also one that a build begins with',
    why: 'a tag can be moved to something else, and a wrong digest is found only on the host',
    check: function* (inspection: Inspection) {
      for (const view of inspection.projects) {
        for (const service of view.services) {
          for (const message of new Set(unpinned(service, view))) yield { at: service.at, message };
        }
        yield* undeclared(view);
        yield* unpinnedModels(view);
      }
    },
  },
  {
    code: 'COMPOSE-402',
    rule: 'an image that is built here has a tag of its own, and no registry is asked for it',
    why: 'what is called latest is whatever was built last, and Compose takes what a registry has by that name instead of building',
    check: perService(function* ({ entry }) {
      const image = entry['build'] === undefined ? undefined : textOf(entry['image']);
      if (image === undefined) return;
      // Docker Compose's source, "mustPull".
      if (!['build', 'never'].includes(textOf(entry['pull_policy']) ?? ''))
        yield 'its built image has a name and its pull_policy is neither build nor never';
      if (hasVariable(image)) return;
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
