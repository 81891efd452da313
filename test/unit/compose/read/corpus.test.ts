import { readYaml } from '../../../../compose/read/yaml-file';
import { corpusCases, corpusFiles } from '../../../tool/compose/corpus';
import { schemaPaths, usedPaths } from './schema-paths';

/** Keys that no file can hold which Docker Compose 2.40.3 takes, with its reason. */
const impossible: Readonly<Record<string, string>> = {};

describe('the corpus of compose files', () => {
  const everyKey = corpusCases.find(({ name }) => name === 'every-key')!;
  const used = new Set<string>();
  for (const file of everyKey.files) {
    for (const { document } of readYaml(file, corpusFiles(everyKey)(file) ?? '').layers) {
      usedPaths(document).forEach((path) => used.add(path));
    }
  }

  it('walks through every key of the specification', () => {
    const missing = [...schemaPaths()].filter((path) => !used.has(path) && !(path in impossible));
    expect(missing).toEqual([]);
  });

  it('has the shapes that people use', () => {
    expect(corpusCases.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        ...['anchors', 'documents', 'extends', 'hostile', 'include', 'profiles', 'reset'],
        ...['several-files', 'short-forms', 'variables'],
      ]),
    );
  });
});

describe('what the schema knows', () => {
  it('is hundreds of keys, at any depth', () => {
    const paths = schemaPaths();
    expect(paths.size).toBe(344);
    expect(paths).toContain(
      'services.*.deploy.resources.reservations.generic_resources.discrete_resource_spec.kind',
    );
  });

  it('is compared with what a document uses, names that a person gives left aside', () => {
    const document = { services: { app: { ports: [{ target: 80 }, '1'], 'x-a': { b: 1 }, unknown: 1 } } };
    expect([...usedPaths(document)]).toEqual(['services', 'services.*.ports', 'services.*.ports.target']);
  });
});
