import { renderCanonically } from '../../../../compose/read/canonical';
import { readFaultCodes } from '../../../../compose/read/read-fault';
import { readProject } from '../../../../compose/read/read-project';
import { rules } from '../../../../compose/check';

type Files = Readonly<Record<string, string>>;
const read = (files: Files, ...named: readonly string[]): ReturnType<typeof readProject> =>
  readProject(named.length > 0 ? named : ['compose.yaml'], (path) => files[path]);
const faults = (files: Files, ...named: readonly string[]): readonly string[] =>
  read(files, ...named).faults.map(
    ({ code, file, line, path, message }) => `${code} ${file}:${line ?? '-'} ${path} ${message}`,
  );

describe('existing compose files', () => {
  it('are one document: later files over earlier ones', () => {
    const { document, faults: found } = read(
      {
        'compose.yaml': 'services: {app: {image: a, environment: [A=1, B=2], ports: ["1:1"]}}',
        'more.yaml': 'services: {app: {image: b, environment: {B: 3}, ports: !override ["2:2"]}}',
      },
      'compose.yaml',
      'more.yaml',
    );
    expect(found).toEqual([]);
    expect(document).toEqual({
      services: { app: { image: 'b', environment: ['A=1', 'B=3'], ports: ['2:2'] } },
    });
  });

  it('have what they extend and include written out, its paths from the project’s folder', () => {
    const { document } = read({
      'compose.yaml':
        'include: [db/compose.yaml]\nservices: {app: {extends: {file: lib/base.yaml, service: base}}}',
      'lib/base.yaml': 'services: {base: {image: a, volumes: [./x:/x], env_file: [v.env]}}',
      'db/compose.yaml': 'services: {db: {image: d, volumes: ["./data:/data"]}}',
    });
    expect(document).toEqual({
      services: {
        app: { image: 'a', volumes: ['./lib/x:/x'], env_file: ['./lib/v.env'] },
        db: { image: 'd', volumes: ['./db/data:/data'] },
      },
    });
  });

  it('keep an include that is read with variables of its own, and know what it declares', () => {
    const { document, included } = read({
      'compose.yaml': 'include: [db/compose.yaml]\nservices: {}',
      'db/compose.yaml': 'services: {db: {image: "d:${TAG}"}}',
      'db/.env': 'TAG=1\n',
    });
    expect(document['include']).toEqual(['db/compose.yaml']);
    expect(included).toEqual({ services: { db: { image: 'd:${TAG}' } } });
  });

  it('are told all their faults at once, each with its file and line', () => {
    expect(
      faults(
        {
          'compose.yaml': 'services:\n  app:\n    imgae: a\n    ports: {}\n',
          'more.yaml': 'services:\n  app:\n    build:\n      contxt: .\n',
        },
        'compose.yaml',
        'more.yaml',
      ),
    ).toEqual([
      'COMPOSE-903 more.yaml:4 services/app/build/contxt is not a key that Compose knows here: did you mean "context"?',
      'COMPOSE-903 compose.yaml:3 services/app/imgae is not a key that Compose knows here: did you mean "image"?',
      'COMPOSE-903 compose.yaml:4 services/app/ports must be a list',
    ]);
  });

  it('are told what the schema does not allow beside a file that is not there', () => {
    expect(
      faults({ 'compose.yaml': 'include: [gone.yaml]\nservices:\n  app:\n    imgae: a\n' }, 'compose.yaml'),
    ).toEqual([
      'COMPOSE-901 compose.yaml:1 include/0 there is no file gone.yaml, or it cannot be read',
      'COMPOSE-903 compose.yaml:4 services/app/imgae is not a key that Compose knows here: did you mean "image"?',
    ]);
  });

  const app = (entry: string): Files => ({ 'compose.yaml': `services:\n  app: ${entry}\n` });
  it.each<readonly [string, Files, readonly string[]]>([
    [
      'a file that is not there',
      {},
      ['COMPOSE-901 compose.yaml:-  there is no file compose.yaml, or it cannot be read'],
    ],
    [
      'a list over a mapping',
      {
        'compose.yaml':
          'services:\n  app:\n    deploy: {labels: [a]}\n---\nservices:\n  app:\n    deploy: []\n',
      },
      ['COMPOSE-904 compose.yaml:7 services/app/deploy must be a mapping, as in the file below'],
    ],
    [
      'a service that extends one that is not there',
      app('{extends: other}'),
      [
        'COMPOSE-905 compose.yaml:2 services/app/extends extends the service "other", which is not in compose.yaml',
      ],
    ],
    [
      'a service that extends one by a name that every object has',
      app('{extends: constructor}'),
      [
        'COMPOSE-905 compose.yaml:2 services/app/extends extends the service "constructor", which is not in compose.yaml',
      ],
    ],
    [
      'a service that extends itself',
      app('{extends: app}'),
      [
        'COMPOSE-905 compose.yaml:2 services/app/extends extends itself, through the services that it extends',
      ],
    ],
    [
      'a service that extends one of a file that is not there',
      app('{extends: {file: x.yaml, service: a}}'),
      ['COMPOSE-901 compose.yaml:2 services/app/extends there is no file x.yaml, or it cannot be read'],
    ],
    [
      'a file that includes itself',
      { 'compose.yaml': 'include: [compose.yaml]\nservices: {}\n' },
      ['COMPOSE-906 compose.yaml:1 include/0 includes itself, through the files that it includes'],
    ],
    [
      'files that include each other',
      { 'compose.yaml': 'include: [a.yaml]\n', 'a.yaml': 'include: [compose.yaml]\n' },
      ['COMPOSE-906 a.yaml:1 include/0 includes itself, through the files that it includes'],
    ],
    [
      'an include of what only Compose can find',
      { 'compose.yaml': 'include:\n  - https://example.test/a.yaml\n  - $X/b.yaml\n  - 1\n' },
      [
        'COMPOSE-906 compose.yaml:2 include/0 names what only Compose can find: an address, or a path with a variable',
        'COMPOSE-906 compose.yaml:3 include/1 names what only Compose can find: an address, or a path with a variable',
        'COMPOSE-906 compose.yaml:4 include/2 must name files, and a project folder only as text',
      ],
    ],
    [
      'two declarations of one service',
      {
        'compose.yaml': 'include: [a.yaml]\nservices: {app: {image: a}}\n',
        'a.yaml': 'services: {app: {image: b}}\n',
      },
      ['COMPOSE-906 compose.yaml:1 include/0 declares services/app, which is declared otherwise already'],
    ],
    [
      'nothing at all',
      { 'compose.yaml': '# nothing\n' },
      ['COMPOSE-903 compose.yaml:-  holds nothing: a project has services'],
    ],
  ])('are refused for %s', (_what, files, expected) => {
    expect(faults(files)).toEqual(expected);
  });

  it('have codes of their own, which no rule has', () => {
    const taken = new Set<string>(rules.map(({ code }) => code));
    for (const code of Object.keys(readFaultCodes)) expect(taken.has(code)).toBe(false);
  });
});

describe('existing compose files, written again', () => {
  const written = (text: string): string => {
    const rendered = renderCanonically(read({ 'compose.yaml': text }));
    return 'text' in rendered ? rendered.text : rendered.faults.map(({ message }) => message).join('\n');
  };

  it('are the same bytes in whatever order they were written', () => {
    const one = written(
      'services: {b: {image: x, command: [a]}, a: {environment: {Z: 1, A: 2}, image: y}}\nname: shop\n',
    );
    const other = written(
      'name: shop\nservices: {a: {image: y, environment: {A: 2, Z: 1}}, b: {command: [a], image: x}}\n',
    );
    expect(one).toBe(other);
    expect(one).toBe(
      [
        'name: shop',
        'services:',
        '  a:',
        '    environment:',
        '      A: 2',
        '      Z: 1',
        '    image: "y"',
        '  b:',
        '    command:',
        '      - a',
        '    image: x',
        '',
      ].join('\n'),
    );
  });

  it('hold a fraction as text, where Compose takes text for it', () => {
    expect(written('services: {a: {image: x, cpus: 0.50, environment: {E: 0.00001}}}')).toContain(
      'cpus: "0.5"',
    );
    expect(written('services: {a: {image: x, environment: {E: 0.00001}}}')).toContain('E: "1e-05"');
  });

  it('are refused for a fraction where text would be something else', () => {
    expect(written('x-a: {b: 1.5}\nservices: {a: {image: x}}')).toContain('is a number that is not whole');
  });

  it('are refused for what UTF-8 cannot hold, and for a key that no line can', () => {
    expect(written('services: {a: {image: x, command: ["\\uD800"]}}')).toContain('half of a surrogate pair');
    expect(written(`services: {a: {image: x, labels: {? ${'k'.repeat(1_020)} : v}}}`)).toContain('too long');
  });
});
