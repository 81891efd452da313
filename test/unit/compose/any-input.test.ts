import fc from 'fast-check';
import { load } from 'js-yaml';
import {
  check,
  CompositionError,
  ConfigFolder,
  mountFolder,
  Network,
  PlainReference,
  raw,
  Secret,
  SecretReference,
  Service,
  synthesize,
  Volume,
  type Project,
} from '../../../compose';
import { longRunning } from './example';
import { anyString, document } from './hostile';
import { untyped } from './rule-case';

/** Constructs have a name; an empty one is refused where it is made. */
const anyName = anyString.filter((name) => name !== '');

interface Input {
  readonly names: readonly [string, string, string, string];
  readonly value: string;
  readonly key: string;
  /** What goes around the types; mostly nothing, which leaves input that can be written. */
  readonly entries: { readonly [key: string]: never } | undefined;
}

function build({ names: [service, network, volume, folder], value, key, entries }: Input): Project {
  const project = untyped();
  const joined = new Network(project, network, { name: value });
  new Volume(project, volume, { name: value });
  const config = new ConfigFolder(project, folder, [{ path: key, content: value }]);
  const token = new Secret(project, volume, { environment: new SecretReference(key, value) });
  new Service(project, service, {
    ...longRunning,
    networks: [joined.as(key)],
    mounts: [mountFolder(config, value)],
    environment: { [key]: value, REFERENCE: new PlainReference(key, value) },
    labels: { [key]: value },
    secrets: [token.at(key)],
    ...(entries === undefined ? {} : { raw: raw(entries, 'anything at all') }),
  });
  return project;
}

describe('any input', () => {
  const input: fc.Arbitrary<Input> = fc.record({
    names: fc.tuple(anyName, anyName, anyName, anyName),
    value: anyString,
    key: anyString,
    entries: fc.option(document as fc.Arbitrary<{ readonly [key: string]: never }>, { nil: undefined }),
  });

  it('is written or refused with faults, each with a code and a place, and never crashes', () => {
    fc.assert(
      fc.property(input, (each) => {
        const project = build(each);
        const faults = check(project);
        for (const { code, path, message } of faults) {
          expect(code).toMatch(/^COMPOSE-\d{3}$/);
          expect([path.length > 0, message.length > 0]).toEqual([true, true]);
        }
        if (faults.length > 0) expect(() => synthesize(project)).toThrow(CompositionError);
        else expect(load(synthesize(project)[0]?.content ?? '')).toMatchObject({ name: 'shop' });
      }),
      { numRuns: 2_000 },
    );
  }, 300_000);

  it('of an environment and labels is written as it is, where the keys may be', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,20}$/), anyString, (key, value) => {
        fc.pre(!/[\uD800-\uDFFF]/u.test(value));
        const project = untyped();
        new Service(project, 'app', {
          ...longRunning,
          environment: { [key]: value },
          labels: { [key]: value },
        });
        const read = load(synthesize(project)[0]?.content ?? '') as {
          services: { app: Record<string, unknown> };
        };
        const written = { [key]: value.replaceAll('$', '$$$$') };
        expect(read.services.app).toMatchObject({ environment: written, labels: written });
      }),
      { numRuns: 2_000 },
    );
  }, 60_000);
});
