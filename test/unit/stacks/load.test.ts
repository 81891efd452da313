import { Failure } from '../../../foundation/failure';
import type { EnvironmentRecord } from '../../../stacks/environment';
import {
  examineEnvironments,
  isSound,
  loadEnvironment,
  loadEnvironments,
  loadRecord,
  type Surroundings,
} from '../../../stacks/load';
import { ed25519 } from '../infra/keys';
import { archive } from '../services/archive/archive';
import { files, otherRecord, record, surroundings } from './example';

/** Every fault of these records, as a person reads them. */
function faultsOf(
  records: readonly EnvironmentRecord[],
  around: Partial<Surroundings> = {},
): readonly string[] {
  try {
    loadEnvironments(records, surroundings(around));
    return [];
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown.faults;
    throw thrown;
  }
}

describe('environments', () => {
  it('are loaded with everything looked up that a record only names', () => {
    const [preview, production] = loadEnvironments([record(), otherRecord()], surroundings());
    expect(preview).toMatchObject({
      name: 'preview',
      host: { kind: 'cherry', projectId: 4242, deployKey: { line: ed25519(1, 'preview') } },
    });
    expect(production).toMatchObject({ name: 'production', host: { floatingAddress: true } });
    expect(preview).not.toHaveProperty('sandbox');
  });

  it('may have a host that exists already, which needs no project, key or lock of providers', () => {
    const host = { kind: 'existing', name: 'staging-cogni', address: '203.0.113.7' } as const;
    const providers = {
      file: 'infra/locks/providers.lock.hcl',
      problem: 'is unresolved',
      ofRentedHosts: true,
    };
    const around = surroundings({ variables: {}, readFile: () => undefined, lockFaults: [providers] });
    expect(loadEnvironments([record({ host })], around)).toMatchObject([{ host }]);
  });

  it('may have the project in the record itself', () => {
    expect(
      loadEnvironment('preview', [record({}, { project: 7 })], surroundings({ variables: {} })),
    ).toMatchObject({
      host: { projectId: 7 },
    });
  });
});

describe('what is written down of an environment', () => {
  it('is found whether or not it is ready', () => {
    const around = surroundings({ variables: {}, readFile: () => undefined });
    const placeholder = record({ domain: 'x.example.org' });
    expect(loadRecord('preview', [placeholder], around)).toBe(placeholder);
    expect(() => loadEnvironment('preview', [placeholder], around)).toThrow('preview is not ready');
  });

  it('is not there for a name that no record has', () => {
    expect(() => loadRecord('nope', [record()], surroundings())).toThrow('there is no environment "nope"');
  });
});

describe('a record', () => {
  it.each<[string, EnvironmentRecord, RegExp]>([
    ['a name with capitals', record({ name: 'Preview' }), /\.name "Preview" is not 1 to 30 of a-z/],
    ['a name that ends like an address stack', record({ name: 'x-address' }), /ends in -address/],
    ['a name of one of our folders', record({ name: 'sandbox' }), /"sandbox" is taken by a folder/],
    ['a domain that is none', record({ domain: 'Preview_1' }), /domain "Preview_1" is not a host name/],
    ['a placeholder domain', record({ domain: 'x.example.org' }), /"x\.example\.org" is a placeholder/],
    [
      'an address in the place of a range of trusted proxies',
      record({ trustedProxies: ['192.0.2.0/24', '192.0.2.1'] }),
      /trustedProxies "192\.0\.2\.1": not a range of addresses, as in "192\.0\.2\.0\/24"/,
    ],
    [
      'trusted proxies that are everybody',
      record({ trustedProxies: ['0.0.0.0/0'] }),
      /trustedProxies "0\.0\.0\.0\/0": more than a proxy can have/,
    ],
    [
      'a signer of plans that is no public key of keys/',
      record({ plans: { signers: ['planner.pem'], recipients: [`age1${'q'.repeat(58)}`] } }),
      /plans\.signers "planner\.pem" is not a file of keys\/ that ends in \.pub/,
    ],
    [
      'nobody who could open a plan',
      record({ plans: { signers: ['keys/planner.pub'], recipients: [] } }),
      /plans\.recipients names nobody/,
    ],
    [
      'a recipient of plans that is none',
      record({ plans: { signers: ['keys/planner.pub'], recipients: ['AGE-SECRET-KEY-1X'] } }),
      /plans\.recipients "AGE-SECRET-KEY-1X" is not a recipient of age/,
    ],
    [
      'a strategy that is not built',
      record({ strategy: 'agent' as 'rolling' }),
      /strategy "agent" is not known; allowed: rolling$/m,
    ],
    [
      'an unknown failure policy',
      record({ policies: { manual: false, protected: false, onFailure: 'stay' as 'rollback' } }),
      /policies\.onFailure "stay" is not known; allowed: rollback$/m,
    ],
    [
      'a branch that is none',
      record({ delivery: { branch: 'a b', kind: 'serve' } }),
      /delivery\.branch "a b" is not a branch of letters/,
    ],
    [
      'an unknown kind of delivery',
      record({ delivery: { branch: 'main', kind: 'pray' as 'serve' } }),
      /delivery\.kind "pray" is not known; allowed: test, serve/,
    ],
    [
      'a delivery by itself where a person is wanted',
      record({
        delivery: { branch: 'staging', kind: 'test' },
        policies: { manual: true, protected: false, onFailure: 'rollback' },
      }),
      /delivery\.kind "test" deploys by itself, and policies\.manual wants a person/,
    ],
    ['an image repository with a tag', record({ imageRepository: 'ghcr.io/a/b:1' }), /without a tag/],
    [
      'an image repository without a registry',
      record({ imageRepository: 'cogni' }),
      /a registry and a repository/,
    ],
    ['a tag prefix with a dot', record({ imageTagPrefix: 'v1.' }), /imageTagPrefix "v1\." is not/],
    ['a relative migrations folder', record({ migrationsFolder: 'sql' }), /migrationsFolder "sql" is not/],
    ['migrations above the root', record({ migrationsFolder: '/app/../x' }), /migrationsFolder .* is not/],
    [
      'an ACME directory in clear',
      record({ acme: { directory: 'http://x.dev/d' } }),
      /acme\.directory .* is not an https URL/,
    ],
    [
      'an ACME email that is none',
      record({ acme: { directory: 'https://x.dev/d', email: 'me' } }),
      /acme\.email "me" is not an address/,
    ],
    [
      'an unknown state backend',
      record({ state: { kind: 'floppy' as 'pg' } }),
      /state "floppy" is not known; allowed: local, s3, pg, http/,
    ],
    ['a faulty state backend', record({ state: { kind: 'local', folder: '' } }), /state folder is empty/],
    ['a host name with a dot', record({}, { name: 'a.b' }), /host\.name "a\.b" is not a host name/],
    [
      'a project that is no number',
      record({}, { project: -1 }),
      /host\.project -1 is not a project's number/,
    ],
    [
      'a plan that is none',
      record({}, { plan: 'large' }),
      /host\.plan "large" is not a plan's slug, such as B1-4/,
    ],
    [
      'an unknown region',
      record({}, { region: 'EU-Nord-1' }),
      /host\.region "EU-Nord-1" is not known; allowed: DE-Frankfurt, LT-Siauliai/,
    ],
    [
      'an alias of an image',
      record({}, { image: 'ubuntu_24_04' }),
      /host\.image "ubuntu_24_04" is not known; allowed: ubuntu_22_04, ubuntu_24_04_64bit/,
    ],
    [
      'swap in bytes',
      record({}, { swapMebibytes: 2 ** 31 }),
      /host\.swapMebibytes 2147483648 is not a number of MiB/,
    ],
    [
      'an existing host without an address',
      record({ host: { kind: 'existing', name: 'x', address: 'no address' } }),
      /host\.address "no address" is neither an IPv4 address nor a host name/,
    ],
  ])('is refused with %s', (_what, faulty, fault) => {
    expect(faultsOf([faulty])).toEqual([expect.stringMatching(fault)]);
  });

  it('is refused when the variable of its project is not set, with the line that sets it', () => {
    expect(faultsOf([record()], { variables: {} })).toEqual([
      expect.stringMatching(
        /host\.project is taken from .* CHERRY_PROJECT_ID, which is not set: export CHERRY_PROJECT_ID=/,
      ),
    ]);
  });

  it('takes its project from its own settings where the variable is not set', () => {
    const settingsOf = (name: string): Record<string, string> =>
      name === 'preview' ? { CHERRY_PROJECT_ID: '77' } : {};
    const projectOf = (variables: Surroundings['variables']): unknown =>
      loadEnvironment('preview', [record()], surroundings({ variables, settingsOf })).host;
    expect(projectOf({})).toMatchObject({ projectId: 77 });
    expect(projectOf({ CHERRY_PROJECT_ID: '' })).toMatchObject({ projectId: 77 });
    expect(projectOf({ CHERRY_PROJECT_ID: '4242' })).toMatchObject({ projectId: 4242 });
    expect(faultsOf([otherRecord()], { variables: {}, settingsOf })).toEqual([
      expect.stringContaining('write that line into .cogni/production/settings.env'),
    ]);
  });

  it('is refused when that variable holds no number', () => {
    expect(faultsOf([record()], { variables: { CHERRY_PROJECT_ID: 'my project' } })).toEqual([
      expect.stringContaining(`whose value "my project" is not a project's number`),
    ]);
  });

  it('is refused without its key file, with the lines that make one', () => {
    expect(faultsOf([record({}, { deployKeyFile: 'keys/cogni_preview_deploy.pub' })])).toEqual([
      expect.stringMatching(
        /"keys\/cogni_preview_deploy\.pub" does not exist; make the pair with: ssh-keygen -t ed25519 -C cogni_preview_deploy -f ~\/\.ssh\/cogni_preview_deploy && cp ~\/\.ssh\/cogni_preview_deploy\.pub keys\/cogni_preview_deploy\.pub/,
      ),
    ]);
  });

  it('is refused when its key file is malformed', () => {
    expect(faultsOf([record()], { readFile: () => 'ssh-ed25519 AAAA' })).toEqual([
      expect.stringContaining('host.deployKeyFile "keys/preview.pub" is not a public key'),
    ]);
  });

  it('is refused while a lock is unresolved, by the name of the file that has to change', () => {
    const lockFaults = [
      {
        file: 'infra/locks/providers.lock.hcl',
        problem: 'is unresolved; run ./cogni providers lock',
        ofRentedHosts: true,
      },
      {
        file: 'services/images.lock.json',
        problem: 'caddy has no digest; run ./cogni images lock',
        ofRentedHosts: false,
      },
    ];
    expect(faultsOf([record()], { lockFaults })).toEqual([
      'infra/locks/providers.lock.hcl: is unresolved; run ./cogni providers lock',
      'services/images.lock.json: caddy has no digest; run ./cogni images lock',
    ]);
  });

  it('is refused with all of its faults at once', () => {
    const faulty = record(
      { domain: 'example.org', imageRepository: 'cogni' },
      { plan: 'large', region: 'moon', deployKeyFile: 'keys/none.pub' },
    );
    expect(faultsOf([faulty], { variables: {} })).toHaveLength(6);
  });
});

describe('two environments', () => {
  const address = { kind: 'existing', name: 'a', address: '203.0.113.7' } as const;

  it.each<[string, readonly EnvironmentRecord[], RegExp]>([
    [
      'one name',
      [record(), otherRecord({ name: 'preview' })],
      /name "preview" is also that of another record/,
    ],
    [
      'one domain',
      [record(), otherRecord({ domain: 'preview.cogni.dev' })],
      /domain "preview\.cogni\.dev" is also that of/,
    ],
    [
      'one domain by way of www',
      [record({ domain: 'www.cogni.dev' }), otherRecord({ www: true })],
      /domain "www\.cogni\.dev" is also that of/,
    ],
    [
      'one host name',
      [record(), otherRecord({}, { name: 'preview-cogni' })],
      /host\.name "preview-cogni" is also that of/,
    ],
    [
      'one address',
      [record({ host: address }), otherRecord({ host: { ...address, name: 'b' } })],
      /host\.address "203\.0\.113\.7" is also that of/,
    ],
    [
      'one deploy key',
      [record(), otherRecord({}, { deployKeyFile: 'keys/preview.pub' })],
      /host\.deployKeyFile "keys\/preview\.pub" is also that of/,
    ],
  ])('with %s are both refused', (_what, records, fault) => {
    expect(faultsOf(records)).toEqual([expect.stringMatching(fault), expect.stringMatching(fault)]);
  });

  const received = (on: string): EnvironmentRecord =>
    otherRecord({ archive: { ...archive, receiver: { on } } });

  it('may receive the log of each other', () => {
    expect(faultsOf([record(), received('preview')])).toEqual([]);
  });

  it.each([
    ['nowhere', /archive receiver on "nowhere" is no environment; there are: preview, production/],
    ['production', /archive receiver on "production" is the environment itself/],
  ])('are refused with a receiver on %s', (on, fault) => {
    expect(faultsOf([record(), received(on)])).toEqual([expect.stringMatching(fault)]);
  });

  it('are refused with a receiver at the very address that could be lost', () => {
    const hostKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINcwTSlZ++VNZvKKV62fRdaqc9tp5c45moCWHEodTtFk';
    const itself = record({
      host: address,
      archive: { ...archive, receiver: { address: address.address, hostKey } },
    });
    expect(faultsOf([itself])).toEqual([expect.stringMatching(/is the host's own/)]);
  });
});

describe('a fault in one environment', () => {
  const records = [record(), otherRecord({ domain: 'example.org' })];

  it('leaves the others sound', () => {
    expect(loadEnvironment('preview', records, surroundings())).toMatchObject({ name: 'preview' });
    expect(examineEnvironments(records, surroundings()).map(isSound)).toEqual([true, false]);
  });

  it('refuses that one by name, for a person to decide', () => {
    const load = (): unknown => loadEnvironment('production', records, surroundings());
    expect(load).toThrow(
      /^production is not ready: one thing is wrong with it\n {2}- stacks\/environments\.ts: production\.domain/,
    );
    try {
      load();
    } catch (thrown) {
      expect((thrown as Failure).exitCode).toBe(3);
    }
  });
});

describe('an unknown environment', () => {
  it('is wrong usage, told together with the names there are', () => {
    try {
      loadEnvironment('prod', [record(), otherRecord()], surroundings());
      throw new Error('it was found');
    } catch (thrown) {
      expect(thrown).toMatchObject({
        exitCode: 2,
        what: 'there is no environment "prod"; there are: preview, production',
      });
    }
  });
});

describe('the sandbox', () => {
  const played = {
    domain: 'preview.cogni.test',
    projectId: 1,
    deployKeyFile: '/sandbox/ssh/deploy.pub',
    acmeDirectory: 'https://acme.cogni.test/acme/local/directory',
    imageLockFile: '/sandbox/images.lock.json',
    imageRepository: 'ghcr.cogni.test/cogni/demo',
    stateFolder: '/sandbox/state',
  };
  const around = (more: Partial<typeof played> = {}): Partial<Surroundings> => ({
    variables: {},
    readFile: (path) =>
      path === '/sandbox/ssh/deploy.pub' ? files['/checkout/keys/preview.pub'] : undefined,
    lockFaults: [{ file: 'infra/locks/providers.lock.hcl', problem: 'is unresolved', ofRentedHosts: true }],
    sandbox: {
      file: '.cogni/sandbox/sandbox.json',
      overrides: {
        version: 1,
        environments: {
          preview: { ...played, ...more },
          production: { ...played, domain: 'production.cogni.test', www: true },
        },
      },
    },
  });

  it('takes the place of everything that only a real account has', () => {
    const records = [record({ domain: 'example.org' }), otherRecord()];
    const [preview, production] = loadEnvironments(records, surroundings(around()));
    expect(preview).toMatchObject({
      domain: 'preview.cogni.test',
      www: false,
      imageRepository: 'ghcr.cogni.test/cogni/demo',
      acme: { directory: played.acmeDirectory },
      state: { kind: 'local', folder: '/sandbox/state' },
      host: { projectId: 1, plan: 'B1-4-4gb-80s-shared', name: 'preview-cogni' },
      sandbox: { imageLockFile: '/sandbox/images.lock.json' },
    });
    expect(production).toMatchObject({ www: true, policies: { protected: true } });
  });

  it('never lets an environment through to a real account that it does not play', () => {
    const staging = otherRecord({ name: 'staging', domain: 'staging.cogni.dev' }, { name: 'staging-cogni' });
    expect(faultsOf([record(), otherRecord(), staging], around())).toEqual([
      '.cogni/sandbox/sandbox.json: staging is no part of this sandbox, which plays preview, production',
    ]);
  });

  it('is what is meant by a name, and no other environment is', () => {
    const staging = otherRecord({ name: 'staging', domain: 'staging.cogni.dev' }, { name: 'staging-cogni' });
    const records = [record(), otherRecord(), staging];
    expect(loadRecord('preview', records, surroundings(around()))).toMatchObject({
      domain: 'preview.cogni.test',
    });
    expect(() => loadRecord('staging', records, surroundings(around()))).toThrow('staging is no part of');
  });

  it('is named as the source of a fault that it brings in', () => {
    expect(faultsOf([record(), otherRecord()], around({ deployKeyFile: '/sandbox/none.pub' }))).toEqual([
      '.cogni/sandbox/sandbox.json: environments.preview.deployKeyFile: "/sandbox/none.pub" does not exist; run ./cogni sandbox up',
    ]);
  });
});
