import fc from 'fast-check';
import { Failure } from '../../../foundation/failure';
import { environments } from '../../../stacks/environments';
import { overridden, parseSandboxOverrides } from '../../../stacks/sandbox-overrides';
import { archive } from '../services/archive/archive';

const preview = {
  domain: 'preview.cogni.test',
  projectId: 1,
  deployKeyFile: '/sandbox/ssh/deploy.pub',
  acmeDirectory: 'https://acme.cogni.test/acme/local/directory',
  imageLockFile: '/sandbox/images.lock.json',
  imageRepository: 'ghcr.cogni.test/cogni/demo',
  stateFolder: '/sandbox/state',
};
const parse = (data: unknown): unknown => parseSandboxOverrides(JSON.stringify(data), 'sandbox.json');

describe("the sandbox's overrides", () => {
  it('are read as they were written', () => {
    const data = { version: 1, environments: { preview, production: { ...preview, www: true } } };
    expect(parse(data)).toEqual(data);
  });

  it('are refused with every fault, and with the command that writes them again', () => {
    expect(() =>
      parse({
        version: 1,
        environments: { preview: { ...preview, projectId: '1', domain: '', colour: 'red' } },
        x: 1,
      }),
    ).toThrow(
      [
        "the sandbox's sandbox.json cannot be used",
        '  - x is not known; allowed: version, environments',
        '  - environments.preview.colour is not known; allowed: domain, www, projectId, deployKeyFile, acmeDirectory, imageLockFile, imageRepository, stateFolder, litellm, alloy, archiveEndpoint, archiveBucket, archiveRegion, archiveImage, recordPlans, archiveRecipients, archiveReceiver',
        '  - environments.preview.domain is "", not a string',
        '  - environments.preview.projectId is "1", not a number',
        'state: nothing was changed',
        'next:  ./cogni sandbox up',
      ].join('\n'),
    );
  });

  it.each([
    ['another version', { version: 2, environments: {} }, /version is 2; this checkout reads version 1/],
    ['no environments', { version: 1 }, /environments is not an object/],
    [
      'a missing field',
      { version: 1, environments: { preview: { domain: 'x' } } },
      /preview\.projectId is missing/,
    ],
    [
      'an environment that is none',
      { version: 1, environments: { preview: 3 } },
      /environments\.preview is not an object/,
    ],
    ['a list', [], /it is not an object/],
  ])('are refused with %s', (_what, data, fault) => {
    expect(() => parse(data)).toThrow(fault);
  });

  it('are refused when a write broke off', () => {
    expect(() => parseSandboxOverrides('{"version": 1', 'sandbox.json')).toThrow(Failure);
  });

  it('are either read or refused in our words, whatever is in the file', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        try {
          parseSandboxOverrides(text, 'sandbox.json');
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(Failure);
        }
      }),
    );
  });
});

describe('an archive in the sandbox', () => {
  const record = { ...environments[0]!, archive };
  const place = {
    archiveEndpoint: 's3.cogni.test',
    archiveBucket: 'cogni-preview',
    archiveRegion: 'us-east-1',
    archiveImage: `hub.cogni.test/library/postgres@sha256:${'a'.repeat(64)}`,
  };

  it('is at the place that the sandbox has for it, with the record’s own policy', () => {
    expect(
      overridden({ ...record, archive: { ...archive, timeout: 30 } }, { ...preview, ...place }).archive,
    ).toEqual({
      ...archive,
      timeout: 30,
      endpoint: place.archiveEndpoint,
      bucket: place.archiveBucket,
      region: place.archiveRegion,
      image: place.archiveImage,
    });
  });

  it('is none where the record has none, and where the sandbox has no place for it', () => {
    expect(overridden(environments[0]!, { ...preview, ...place }).archive).toBeUndefined();
    expect(overridden(record, preview).archive).toBeUndefined();
  });

  it('is there whatever the record says where the sandbox was told who may read its copies', () => {
    const asked = { ...preview, ...place, archiveRecipients: 'age1one,age1two' };
    const copies = { recipients: ['age1one', 'age1two'] };
    expect(overridden(environments[0]!, asked).archive).toMatchObject({
      endpoint: place.archiveEndpoint,
      keep: { daily: 7 },
      copies,
    });
    expect(overridden(record, asked).archive).toMatchObject({ keep: archive.keep, copies });
  });

  it('has a receiver of its log where a test has named one', () => {
    const asked = { ...preview, ...place, archiveReceiver: 'deploy@127.0.0.1 ssh-ed25519 AAAA' };
    expect(overridden(record, asked).archive?.receiver).toEqual({
      user: 'deploy',
      address: '127.0.0.1',
      hostKey: 'ssh-ed25519 AAAA',
    });
  });
});

describe('who signs plans in the sandbox', () => {
  const record = { ...environments[0]!, plans: { signers: ['keys/planner.pub'], recipients: ['age1x'] } };

  it('is the sandbox itself, whoever may in the record', () => {
    expect(overridden(record, preview).plans).toBeUndefined();
  });

  it('is who the record names where workflows are played, of which one plans and another applies', () => {
    expect(overridden(record, { ...preview, recordPlans: true }).plans).toEqual(record.plans);
  });
});
