import type { ImageDigest } from '../../../compose';
import { ExitCode, Failure } from '../../../foundation/failure';
import type { EdgeProps, RuntimeProps } from '../../../services';
import { memoryLimitFaults, memoryProps } from '../../../services/memory-limits';
import type { SourcecredProps } from '../../../services/sourcecred/sourcecred';
import { requireFit, type WholeHost } from '../../../services/whole-host';
import { Bytes } from '../../../compose';
import { runtimeProps as everythingsRuntime } from './everything';
import { digest } from './example';

const image: ImageDigest = `registry.cogni.test/one@${digest('a')}`;
const edge: EdgeProps = {
  domain: 'preview.cogni.test',
  www: false,
  acme: { directory: 'https://acme.cogni.test/directory' },
  image,
};
const runtime: RuntimeProps = {
  images: { postgres: image },
  litellm: { image, database: true },
  alloy: { image, environment: 'preview' },
  hostGibibytes: 4,
};
const sourcecred: SourcecredProps = {
  image,
  instance: { repositories: ['cogni/one'], currency: { name: 'Grain', suffix: 'G' } },
};

function refusal(host: WholeHost): Failure {
  try {
    requireFit('preview', host);
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
  throw new Error('it was not refused');
}

describe('all that runs on one host', () => {
  test('fits into 4 GiB: edge, application, database, LiteLLM and Alloy, with a second version during a deploy', () => {
    expect(() => requireFit('preview', { edge, runtime })).not.toThrow();
  });

  test('does not with SourceCred: what each may use is said, and what to change', () => {
    const { what, faults, next, exitCode } = refusal({ edge, runtime, sourcecred });
    expect(what).toBe('what runs on the host of preview does not fit together');
    expect(faults).toEqual([
      'services may use 4608 MiB (caddy 256 MiB, postgres 1024 MiB, litellm 1024 MiB, app-a 512 MiB, alloy 256 MiB, sourcecred 1024 MiB, and 512 MiB for what comes and goes) and the system 512 MiB, the host has 4096 MiB (COMPOSE-606)',
    ]);
    expect(next).toContain('a larger host.plan, less runtime.memory for a service');
    expect(exitCode).toBe(ExitCode.refused);
  });

  test('does on a larger plan, or with less for a service', () => {
    const larger = { ...runtime, hostGibibytes: 8 };
    expect(() => requireFit('preview', { edge, runtime: larger, sourcecred })).not.toThrow();
    const less = { memory: Bytes.mebibytes(256) };
    const small = {
      ...runtime,
      litellm: { image, database: true, ...less },
      memory: { postgres: Bytes.mebibytes(768) },
    };
    expect(() =>
      requireFit('preview', { edge, runtime: small, sourcecred: { ...sourcecred, ...less } }),
    ).not.toThrow();
  });

  test('has both versions of the application counted', () => {
    const large = { ...runtime, memory: { app: Bytes.mebibytes(600), postgres: Bytes.mebibytes(900) } };
    expect(refusal({ edge, runtime: large }).faults[0]).toContain('and 600 MiB for what comes and goes');
  });

  test('has the receivers of other environments counted, which may go elsewhere', () => {
    const receiver = (environment: string) => ({
      ...{ environment, image, receiver: { on: 'preview' }, pins: '' },
      database: { address: '', user: '', alias: '' },
    });
    const full = { ...runtime, memory: { app: Bytes.mebibytes(512), postgres: Bytes.mebibytes(1024) } };
    expect(() => requireFit('preview', { edge, runtime: full, receivers: [] })).not.toThrow();
    const { faults, next } = refusal({
      edge,
      runtime: { ...full, memory: { ...full.memory, app: Bytes.mebibytes(500) } },
      receivers: [receiver('production'), receiver('third')],
    });
    expect(faults[0]).toContain('receiver 96 MiB, receiver 96 MiB');
    expect(next).toContain('archive.receiver');
  });

  test('does not when a volume that is copied is nobody’s', () => {
    const copied = { ...everythingsRuntime, hostGibibytes: 16 };
    expect(refusal({ edge, runtime: copied }).faults).toEqual([
      'nobody makes the volume cogni-sourcecred_data of the host (COMPOSE-307)',
    ]);
    expect(() => requireFit('preview', { edge, runtime: copied, sourcecred })).not.toThrow();
    expect(() => requireFit('preview', { runtime: copied, sourcecred })).not.toThrow();
    expect(() => requireFit('preview', { edge, runtime: copied, sourcecred: 'apart' })).not.toThrow();
  });

  test('is not asked for its memory where nobody knows how much the host has', () => {
    const { images, litellm, alloy } = runtime as Required<RuntimeProps>;
    const unknown = { images, litellm, alloy };
    expect(() => requireFit('preview', { edge, runtime: unknown, sourcecred })).not.toThrow();
  });
});

describe('limits of memory in a record', () => {
  test('become limits of the services that they name', () => {
    expect(memoryProps({ app: 256, alloy: 128 }, 'app', 'postgres')).toEqual({ app: Bytes.mebibytes(256) });
  });

  test('are whole numbers of MiB for services that take one; all faults are named', () => {
    expect(memoryLimitFaults({ app: 512, postgres: 1024 })).toEqual([]);
    expect(
      memoryLimitFaults({ app: 1.5, alloy: 0, caddy: 256 } as Parameters<typeof memoryLimitFaults>[0]),
    ).toEqual([
      '1.5 for app is not a whole number of MiB from 64',
      '0 for alloy is not a whole number of MiB from 64',
      '"caddy" has no limit that could be said; allowed: app, postgres, litellm, alloy, sourcecred',
    ]);
  });
});
