import { posix } from 'node:path';
import { merge, without, type Conflict } from './merge';
import type { ReadFault } from './read-fault';
import { fromFolder } from './relative-paths';
import { isMapping, type Layer, type Mapping, type Value } from './yaml-file';

/** The services of one file, and what else `extends` needs to know of it. */
export interface ServicesOfFile {
  readonly file: string;
  readonly services: Mapping;
  /** What its `!reset` and `!override` take away from what its services extend. */
  readonly replaced: readonly (readonly string[])[];
}

export interface ExtendsContext {
  /** All documents of a file, its name relative to the project's folder. Undefined, with a fault told, when it cannot be read. */
  readonly open: (file: string, keys: readonly string[]) => readonly Layer[] | undefined;
  readonly fault: (code: ReadFault['code'], keys: readonly string[], message: string) => void;
}

/** Services that extend each other in a row: nobody can follow that many, and each is a call inside of a call. */
const longestChain = 100;

/**
 * A service with what it extends beneath it (Compose specification, "extends"; compose-go, loader/extends.go).
 *
 * @param chain the services that extend this one, for telling a circle
 */
export function extended(
  name: string,
  from: ServicesOfFile,
  context: ExtendsContext,
  chain: readonly string[] = [],
): Value | undefined {
  const service = from.services[name];
  if (!isMapping(service) || service['extends'] === undefined) return service;
  const { extends: wanted, ...own } = service;
  const keys = ['services', name, 'extends'];
  const { service: ref, file } = isMapping(wanted) ? wanted : { service: wanted };
  if (typeof ref !== 'string' || (file !== undefined && typeof file !== 'string')) {
    context.fault('COMPOSE-905', keys, 'must name a service, and a file as text where it is in another one');
    return own;
  }
  const link = `${from.file}\0${name}`;
  if (chain.includes(link)) {
    context.fault('COMPOSE-905', keys, 'extends itself, through the services that it extends');
    return own;
  }
  if (chain.length >= longestChain) {
    context.fault('COMPOSE-905', keys, `is extended through more than ${longestChain} services`);
    return own;
  }
  if (file?.includes('$')) {
    context.fault(
      'COMPOSE-905',
      keys,
      'names its file with a variable: which file that is, is known only to Compose',
    );
    return own;
  }
  const base: ServicesOfFile | undefined =
    file === undefined ? { ...from, replaced: [] } : servicesOf(file, keys, context);
  if (base === undefined) return own;
  if (!Object.hasOwn(base.services, ref)) {
    context.fault('COMPOSE-905', keys, `extends the service "${ref}", which is not in ${base.file}`);
    return own;
  }
  const below = extended(ref, base, context, [...chain, link]);
  if (below === undefined || below === null) return own;
  const kept = without({ services: { [name]: below } }, from.replaced) as { services: Mapping };
  const conflict: Conflict = (at, message) =>
    context.fault('COMPOSE-904', ['services', name, ...at.slice(2)], message);
  return merge(kept.services[name] ?? {}, own, ['services', name], conflict);
}

function servicesOf(
  file: string,
  keys: readonly string[],
  context: ExtendsContext,
): ServicesOfFile | undefined {
  const layers = context.open(file, keys);
  if (layers === undefined) return undefined;
  const conflict: Conflict = (at, message) => context.fault('COMPOSE-904', at, message);
  const document = layers.reduce<Value>(
    (below, layer) => merge(without(below, layer.replaced), layer.document, [], conflict),
    {},
  );
  const { services } = fromFolder(document as Mapping, posix.dirname(file));
  return { file, services: isMapping(services) ? services : {}, replaced: layers.at(-1)?.replaced ?? [] };
}
