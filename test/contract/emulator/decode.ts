import document from './cherrygo-v3.9.1-structs.json';

interface Field {
  readonly json?: string;
  readonly go_type?: string;
  readonly embedded?: string;
}

const structs: Readonly<Record<string, readonly Field[]>> = document.structs;

/**
 * Decodes an answer as Go's encoding/json would into a client's type, and gives what it could not take: unknown
 * properties are skipped and null fits everything, but a number is no string and an object is no list.
 */
export function decodeFaults(value: unknown, type: string, path = type): string[] {
  if (value === null || value === undefined) return [];
  if (type.startsWith('*')) return decodeFaults(value, type.slice(1), path);
  if (type.startsWith('[]')) {
    if (!Array.isArray(value)) return [`${path}: ${shown(value)} is no list`];
    return value.flatMap((entry, index) => decodeFaults(entry, type.slice(2), `${path}[${index}]`));
  }
  switch (type) {
    case 'string':
      return typeof value === 'string' ? [] : [`${path}: ${shown(value)} is no string`];
    case 'bool':
      return typeof value === 'boolean' ? [] : [`${path}: ${shown(value)} is no bool`];
    case 'int':
      return Number.isInteger(value) ? [] : [`${path}: ${shown(value)} is no int`];
    case 'float32':
      return typeof value === 'number' ? [] : [`${path}: ${shown(value)} is no number`];
  }
  if (typeof value !== 'object' || Array.isArray(value)) return [`${path}: ${shown(value)} is no object`];
  if (type === 'map[string]string') {
    return Object.entries(value).flatMap(([key, entry]) => decodeFaults(entry, 'string', `${path}.${key}`));
  }
  const fields = structs[type];
  if (!fields) throw new Error(`there is no description of ${type}`);
  return fields.flatMap(({ json, go_type, embedded }) =>
    embedded === undefined
      ? decodeFaults((value as Record<string, unknown>)[json!], go_type!, `${path}.${json}`)
      : decodeFaults(value, embedded, path),
  );
}

const shown = (value: unknown): string => JSON.stringify(value).slice(0, 60);
