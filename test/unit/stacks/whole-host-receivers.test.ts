import { Failure } from '../../../foundation/failure';
import type { Environment, EnvironmentRecord } from '../../../stacks/environment';
import { loadEnvironment } from '../../../stacks/load';
import { requireFitOf } from '../../../stacks/whole-host';
import type { Archive, Receiver, RuntimeProps } from '../../../services';
import { otherRecord, record, surroundings } from './example';

const image = `registry.cogni.test/one@sha256:${'a'.repeat(64)}` as const;
/** 4 GiB, with nothing to spare. */
const runtime: RuntimeProps = {
  images: { postgres: image },
  litellm: { image, database: true },
  alloy: { image, environment: 'preview' },
  hostGibibytes: 4,
};
/** Another environment, whose log is received there. */
const received = (name: string, receiver: Receiver) => {
  const archive: Archive = {
    ...{ image, endpoint: 's3.example.org', bucket: 'cogni', region: 'example', keep: { daily: 7 } },
    receiver,
  };
  return otherRecord({ name, archive });
};
const preview: Environment = {
  ...loadEnvironment('preview', [record()], surroundings()),
  // Somebody else's edge: its image is not looked up.
  host: { kind: 'existing', name: 'preview-cogni', address: '192.0.2.7' },
};
const faultsWith = (...records: readonly EnvironmentRecord[]): readonly string[] => {
  try {
    requireFitOf(preview, runtime, records);
    return [];
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown.faults;
    throw thrown;
  }
};

describe('what has to fit on the host of an environment', () => {
  const names = ['one', 'two', 'three'];

  it('are the receivers of other environments’ logs as well, where their records say so', () => {
    expect(faultsWith(record())).toEqual([]);
    expect(faultsWith(record(), ...names.map((name) => received(name, { on: 'preview' })))).toEqual([
      expect.stringMatching(/receiver 96 MiB, receiver 96 MiB, receiver 96 MiB, .*the host has 4096 MiB/),
    ]);
  });

  it('are none that are elsewhere', () => {
    const away: Receiver = { address: '192.0.2.8', hostKey: `ssh-ed25519 ${'A'.repeat(68)}` };
    expect(
      faultsWith(
        ...names.map((name) => received(name, { on: 'production' })),
        ...names.map((name) => received(name, away)),
      ),
    ).toEqual([]);
  });
});
