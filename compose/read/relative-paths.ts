import { posix } from 'node:path';
import { goText } from './merge';
import { isMapping, type Mapping, type Value } from './yaml-file';

/**
 * Paths of a file in another folder, written so that they mean the same from the project's folder (compose-go, paths/resolve.go).
 * `extends` and `include` read such files.
 */

/** @param folder where the paths count from, relative to the project's folder: `common`, `../shared` */
export function fromFolder(document: Mapping, folder: string): Mapping {
  if (posix.normalize(folder) === '.') return document;
  const path = (value: Value | undefined): Value | undefined =>
    typeof value === 'string' && isLocal(value) ? moved(value, folder) : value;
  const each = (value: Value | undefined, change: (item: Value) => Value): Value | undefined =>
    Array.isArray(value) ? value.map(change) : value;
  const entries = (value: Value | undefined, change: (entry: Mapping) => Mapping): Value | undefined =>
    isMapping(value)
      ? Object.fromEntries(
          Object.entries(value).map(([key, entry]) => [key, isMapping(entry) ? change(entry) : entry]),
        )
      : value;
  const pathOf =
    (key: string) =>
    (item: Value): Value =>
      isMapping(item) ? changed(item, { [key]: path(item[key]) }) : (path(item) ?? item);
  const context = (value: Value | undefined): Value | undefined =>
    typeof value === 'string' && isRemote(value) ? value : path(value);

  const build = (value: Value | undefined): Value | undefined =>
    isMapping(value)
      ? changed(value, {
          context: context(value['context']),
          additional_contexts: Array.isArray(value['additional_contexts'])
            ? value['additional_contexts'].map((item) => {
                const [, name = '', from = ''] = /^([^=]*)=(.*)$/s.exec(goText(item)) ?? [];
                return `${name}=${goText(context(from) ?? from)}`;
              })
            : isMapping(value['additional_contexts'])
              ? Object.fromEntries(
                  Object.entries(value['additional_contexts']).map(([name, from]) => [
                    name,
                    context(from) ?? from,
                  ]),
                )
              : value['additional_contexts'],
        })
      : context(value);

  const mount = (item: Value): Value => {
    if (isMapping(item))
      return item['type'] === 'bind' ? changed(item, { source: path(item['source']) }) : item;
    const [, source, rest] = /^(\.{1,2}(?:\/[^:]*)?)(:.*)$/s.exec(goText(item)) ?? [];
    return source === undefined || rest === undefined ? item : `${moved(source, folder)}${rest}`;
  };

  const list = (value: Value | undefined, change: (item: Value) => Value): Value | undefined =>
    typeof value === 'string' ? change(value) : each(value, change);

  const service = (entry: Mapping): Mapping =>
    changed(entry, {
      build: build(entry['build']),
      env_file: list(entry['env_file'], pathOf('path')),
      label_file: list(entry['label_file'], pathOf('path')),
      volumes: each(entry['volumes'], mount),
      extends: isMapping(entry['extends'])
        ? changed(entry['extends'], { file: path(entry['extends']['file']) })
        : entry['extends'],
      develop: isMapping(entry['develop'])
        ? changed(entry['develop'], { watch: each(entry['develop']['watch'], pathOf('path')) })
        : entry['develop'],
    });

  const volume = (entry: Mapping): Mapping => {
    const options = entry['driver_opts'];
    return isMapping(options) && options['o'] === 'bind'
      ? changed(entry, { driver_opts: changed(options, { device: path(options['device']) }) })
      : entry;
  };
  const file = (entry: Mapping): Mapping => changed(entry, { file: path(entry['file']) });

  return changed(document, {
    services: entries(document['services'], service),
    volumes: entries(document['volumes'], volume),
    configs: entries(document['configs'], file),
    secrets: entries(document['secrets'], file),
  });
}

/** Only keys that are there. */
const changed = (mapping: Mapping, changes: { readonly [key: string]: Value | undefined }): Mapping =>
  Object.fromEntries(
    Object.entries(mapping).map(([key, value]) => [
      key,
      (Object.hasOwn(changes, key) ? changes[key] : undefined) ?? value,
    ]),
  );

/** Neither absolute, nor in a home folder, nor begun by a variable that may be either. */
const isLocal = (path: string): boolean => path !== '' && !/^[/~$]/.test(path);

/** compose-go, paths/context.go: what is not a folder of this machine. */
const isRemote = (context: string): boolean =>
  /^(?:https?|git|ssh|docker-image|service|target|oci-layout):/.test(context) ||
  /^github\.com\/|^git@/.test(context);

/** Always begun with a dot: a mount's source without one would be a volume's name. */
const moved = (from: string, folder: string): string => {
  const path = joined(folder, from);
  return path.startsWith('/') || path.startsWith('.') ? path : `./${path}`;
};

/** A path of a folder, as it is from where the folder's own path counts. */
export const joined = (folder: string, path: string): string =>
  posix.isAbsolute(path) ? posix.normalize(path) : posix.join(folder, path);
