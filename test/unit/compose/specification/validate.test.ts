import Ajv from 'ajv';
import fc from 'fast-check';
import { composeSchema, resolved, schemaSource } from '../../../../compose/specification/schema';
import { validateAgainstSchema } from '../../../../compose/specification/validate';
import { document } from '../hostile';

const service = (entries: Readonly<Record<string, unknown>>): unknown => ({
  services: { app: { image: 'a', ...entries } },
});
const said = (value: unknown): readonly string[] =>
  validateAgainstSchema(value).map(({ path, what }) => `${path} ${what}`);

/** What an unknown key of a service's list of mappings is told. */
const unknownKeyIn = (list: string): string =>
  said(service({ [list]: [{ 'no-such-key': 1 }] }))[0]!.replace(/^\S+ /, '');

describe('the Compose schema', () => {
  it('is the one that Docker Compose 2.40.3 reads with', () => {
    expect(schemaSource.usedBy.version).toBe('v2.40.3');
    expect(Object.keys(resolved({ $ref: '#/definitions/service' }).properties ?? {})).toHaveLength(92);
  });

  it('is a schema of draft 07, which is not looked at again where it is used', () => {
    const ajv = new Ajv();
    void ajv.validateSchema({ ...composeSchema, $schema: undefined });
    expect(ajv.errors).toBeNull();
    void ajv.validateSchema({ ...composeSchema, $schema: undefined, properties: { name: { type: 'text' } } });
    expect(ajv.errors).not.toBeNull();
  });

  it('refers to nothing that it does not define', () => {
    const references = [...JSON.stringify(composeSchema).matchAll(/"\$ref":"([^"]+)"/g)].map(([, to]) => to);
    expect(references.length).toBeGreaterThan(50);
    for (const $ref of references) expect(resolved({ $ref: $ref ?? '' })).not.toHaveProperty('$ref');
  });
});

describe('a document against the schema', () => {
  it.each([
    ['short forms', service({ ports: ['80:80', 81], command: 'a b', environment: ['A=b', 'C'] })],
    [
      'long forms',
      service({ ports: [{ target: 80 }], command: ['a'], environment: { A: 1, B: null, C: true } }),
    ],
    ['extension fields', { 'x-any': [1], ...(service({ 'x-more': {} }) as object) }],
    ['variables in place of numbers', service({ mem_limit: '${M}', cpus: '${C}', privileged: '${P}' })],
  ])('may hold %s', (_what, value) => {
    expect(said(value)).toEqual([]);
  });

  it.each(['toString', 'valueOf', 'constructor', '__proto__'])(
    'is read whatever stands under %s in a list whose items must differ',
    (key) => {
      const entry = (value: unknown): unknown => Object.defineProperty({}, key, { value, enumerable: true });
      const ports = [{}, entry('text')];
      expect(said(service({ ports }))).toEqual([`services/app/ports/1/${key} ${unknownKeyIn('ports')}`]);
    },
  );

  it.each([
    [
      'items whose keys stand in another order',
      [
        { target: 1, mode: 'host' },
        { mode: 'host', target: 1 },
      ],
      true,
    ],
    ['a number and the text of it', [80, '80'], false],
    ['lists and mappings', [{ target: 1 }, { target: 2 }], false],
  ])('calls %s the same only where they are', (_what, ports, same) => {
    const faults = same ? ['services/app/ports entries 0 and 1 are the same'] : [];
    expect(said(service({ ports }))).toEqual(faults);
  });

  it('is told of every fault, by path', () => {
    expect(
      said({
        services: {
          app: {
            imgae: 'a',
            cpu_percent: 101,
            pull_policy: 'sometimes',
            ports: [{ target: 80, host_pi: 1 }],
          },
          'a/b': { image: [] },
        },
        netwroks: {},
        networks: { n: { driver: 1 } },
      }),
    ).toEqual([
      'networks/n/driver must be a string',
      'netwroks is not a key that Compose knows here: did you mean "networks"?',
      'services/a/b is not a key that Compose knows here',
      'services/app/cpu_percent must be at most 100',
      'services/app/imgae is not a key that Compose knows here: did you mean "image"?',
      'services/app/ports/0/host_pi is not a key that Compose knows here: did you mean "host_ip"?',
      expect.stringMatching(/^services\/app\/pull_policy does not match always\|never/),
    ]);
  });

  it('is told which kinds of value are allowed where it fits none of several forms', () => {
    expect(said(service({ build: 1 }))).toEqual(['services/app/build must be a string, or a mapping']);
    expect(said(service({ command: true }))).toEqual([
      'services/app/command must be empty, or a string, or a list',
    ]);
    expect(said(service({ read_only: [] }))).toEqual([
      'services/app/read_only must be true or false, or a string',
    ]);
  });

  it('is told what lies deepest, where a form can be recognized', () => {
    expect(said(service({ command: ['a', 1] }))).toEqual(['services/app/command/1 must be a string']);
    expect(said(service({ build: { contxt: '.' } }))).toEqual([
      'services/app/build/contxt is not a key that Compose knows here: did you mean "context"?',
    ]);
    expect(said(service({ depends_on: { db: { condition: 'healthy' } } }))).toEqual([
      'services/app/depends_on/db/condition must be one of service_started, service_healthy, service_completed_successfully',
    ]);
    expect(said(service({ depends_on: { db: {} } }))).toEqual([
      'services/app/depends_on/db the key "condition" is missing',
    ]);
    expect(said(service({ cap_add: ['A', 'B', 'A'] }))).toEqual([
      'services/app/cap_add entries 0 and 2 are the same',
    ]);
  });

  it.each([[null], [[]], ['text'], [1]])('must be a mapping, not %j', (value) => {
    expect(said(value)).toEqual([' must be a mapping']);
  });

  it('says each key of a path by itself, whatever signs are in it', () => {
    expect(validateAgainstSchema({ networks: { n: { labels: { 'a/b~c': [] } } } })[0]?.keys).toEqual([
      'networks',
      'n',
      'labels',
      'a/b~c',
    ]);
  });

  it('never shows a value', () => {
    const secret = 'planted-secret';
    const faults = said({
      services: {
        app: {
          image: [secret],
          environment: [{ A: secret }, `B=${secret}`, `B=${secret}`],
          pull_policy: secret,
          cpu_count: secret,
          networks: [secret, secret],
          depends_on: { db: { condition: secret } },
        },
      },
    });
    expect(faults.length).toBeGreaterThan(4);
    expect(faults.join('\n')).not.toContain(secret);
  });

  it('is judged without a crash, whatever it holds', () => {
    fc.assert(
      fc.property(document, (value) => {
        const faults = validateAgainstSchema({ services: { app: value }, networks: value });
        for (const { keys, path, what } of faults) {
          expect(path).toBe(keys.join('/'));
          expect(what).not.toBe('');
        }
      }),
    );
  });
});
