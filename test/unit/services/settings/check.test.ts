import fc from 'fast-check';
import {
  examine,
  faultText,
  fileFaults,
  generateSettings,
  isPlaceholder,
  settingsFor,
  valueFaults,
  type FaultKind,
} from '../../../../services';
import { Secret } from '../../../../foundation/secret';
import { deploySettings } from '../example';

const kinds = (
  changes: Readonly<Record<string, string | undefined>>,
): readonly (readonly [string, FaultKind])[] =>
  examine({ ...deploySettings, ...changes }, 'deploy').faults.map(({ setting, kind }) => [setting, kind]);

describe('examining settings', () => {
  it.each<readonly [FaultKind, string, string | undefined]>([
    ['missing', 'GHCR_DEPLOY_TOKEN', undefined],
    ['empty', 'AUTH_SECRET', ''],
    ['empty', 'METRICS_TOKEN', ''],
    ['malformed', 'APP_DB_NAME', 'Cogni'],
    ['malformed', 'GHCR_DEPLOY_TOKEN', 'with white space'],
    ['too short', 'APP_DB_PASSWORD', 'short'],
    ['placeholder', 'GHCR_DEPLOY_TOKEN', '<your-token-here>'],
    ['placeholder', 'DOMAIN', 'preview.example.org'],
    ['same role', 'APP_DB_USER', 'cogni_owner'],
    ['same role', 'OWNER_DB_USER', 'cogni_app_b'],
    ['malformed', 'APP_DB_USER', 'a'.repeat(62)],
  ])('tells that something is %s: %s', (kind, name, value) => {
    expect(kinds({ [name]: value })).toEqual([[name, kind]]);
  });

  it('wants a database of its own for LiteLLM', () => {
    const same = { LITELLM_DB_NAME: deploySettings.APP_DB_NAME };
    expect(kinds(same)).toContainEqual(['LITELLM_DB_NAME', 'same database']);
  });

  it('finds what is empty or malformed in a file whatever its purpose, and shows no value', () => {
    const file = {
      CHERRY_AUTH_TOKEN: '<token>',
      TEAM_WEBHOOK_URL: 'nonsense',
      OPENROUTER_API_BASE: '999.1.1.1',
      AWS_ACCESS_KEY_ID: 'x',
      METRICS_TOKEN: '',
    };
    const faults = fileFaults(file);
    expect(faults.map(({ setting, kind }) => [setting, kind])).toEqual([
      ['CHERRY_AUTH_TOKEN', 'placeholder'],
      ['TEAM_WEBHOOK_URL', 'malformed'],
      ['OPENROUTER_API_BASE', 'malformed'],
      ['AWS_ACCESS_KEY_ID', 'malformed'],
      ['METRICS_TOKEN', 'empty'],
    ]);
    expect(faults.map(faultText).join('\n')).not.toMatch(/nonsense|999/);
  });

  it.each(['203.0.113.7', 'host.cogni.test', '1st.cogni.test'])('takes %s for the place of a host', (host) =>
    expect(valueFaults('VM_HOST', host)).toEqual([]),
  );

  it.each([
    'GITHUB_TOKEN',
    'GITHUB_REPOSITORY',
    'REGISTRY_TOKEN',
    'COGNI_WATCH_WEBHOOK',
    'NO_PROXY',
    'VM_HOST',
    'SSH_DEPLOY_KEY',
  ])('says of %s that it does nothing in a file, whatever it holds', (name) => {
    for (const value of ['', 'p1anted'])
      expect(fileFaults({ [name]: value }).map(faultText)).toEqual([
        `${name} is read from the shell alone: take it out, and export it there`,
      ]);
  });

  it('passes over what the purpose does not need', () => {
    expect(kinds({ PATH: '', UNKNOWN: 'x', CHERRY_AUTH_TOKEN: '' })).toEqual([]);
  });

  it('wants a setting as soon as its counterpart is set, and says which', () => {
    const { faults } = examine(
      { CHERRY_AUTH_TOKEN: 'cherry-0123', CHERRY_PROJECT_ID: '1', AWS_ACCESS_KEY_ID: 'AKIA0123' },
      'provision',
    );
    expect(faults.map(faultText)).toEqual([
      'AWS_SECRET_ACCESS_KEY is missing, and AWS_ACCESS_KEY_ID is set: Its secret half',
    ]);
  });

  it('wants what the services need that run there, optional or not', () => {
    const { faults } = examine(deploySettings, 'deploy', ['OPENROUTER_API_KEY']);
    expect(faults.map(faultText)).toEqual([
      'OPENROUTER_API_KEY is missing: Key of the OpenRouter account that pays for the models',
    ]);
  });

  it('does without a setting when the other way to say it is used', () => {
    const project = { CHERRY_PROJECT_ID: '1' };
    expect(examine({ ...project, CHERRY_AUTH_KEY: 'cherry-0123' }, 'provision').faults).toEqual([]);
    expect(examine(project, 'provision').faults.map(faultText)).toEqual([
      expect.stringMatching(/^CHERRY_AUTH_TOKEN is missing, and so is CHERRY_AUTH_KEY: /),
    ]);
  });

  it('never has a value in a fault, whatever it is', () => {
    fc.assert(
      fc.property(fc.constantFrom(...settingsFor('deploy')), fc.string(), (name, value) => {
        const planted = `<PLANTED${value}>`;
        const { faults } = examine({ ...deploySettings, [name]: planted }, 'deploy');
        expect(faults.length).toBeGreaterThan(0);
        expect(JSON.stringify(faults)).not.toContain('PLANTED');
      }),
      { numRuns: 500 },
    );
  });
});

describe('a settings file', () => {
  it('may hold whatever a person sets, and nothing that is made or stands elsewhere', () => {
    const { DOMAIN, AUTH_SECRET, APP_DB_USER } = deploySettings;
    expect(fileFaults({ AUTH_SECRET, APP_DB_USER, CHERRY_AUTH_TOKEN: 'cherry-0123' })).toEqual([]);
    const file = { DOMAIN, DATABASE_URL: 'x', APP_IMAGE: 'y', AUTH_SECRTE: 'z' };
    expect(fileFaults(file).map(({ setting, kind }) => [setting, kind])).toEqual([
      ['DOMAIN', 'stored'],
      ['DATABASE_URL', 'stored'],
      ['APP_IMAGE', 'stored'],
      ['AUTH_SECRTE', 'undeclared'],
    ]);
  });
});

describe('a placeholder', () => {
  it.each([
    '<token>',
    'changeme',
    'CHANGE-ME-please',
    'your-token',
    '${TOKEN}',
    'xxxxxx',
    '***',
    'TODO',
    'password',
    'my_api_key',
    'your-openrouter-api-key',
    'your-grafana-token',
    'your_litellm_master_key',
    'your-secure-password',
    'YOUR-GITHUB-TOKEN-HERE',
    'your key of the portal goes here',
    ' <token>',
    'TODO ',
    '\tpassword\n',
  ])('is seen in the secret %j', (value) => expect(isPlaceholder(value, 'secret')).toBe(true));
  it.each(['preview.example.com', 'https://example.org/x', 'ops@example.net', 'a.example'])(
    'is seen in the documentation domain %j',
    (value) => expect(isPlaceholder(value, 'plain')).toBe(true),
  );
  it.each([
    'cogni',
    'examples.cogni.test',
    'ghp_0123',
    'xx',
    'my',
    'tokens',
    'https://cogni.test/example-page',
    'my-dog-ate-the-key-again',
    'your-0b2f9c',
  ])('is not seen in %j', (value) => expect(isPlaceholder(value, 'secret')).toBe(false));
  it.each([
    ['DOMAIN', 'my-app.dev'],
    ['VM_HOST', 'my-host.cogni.test'],
    ['GHCR_USERNAME', 'my-company-bot'],
    ['APP_DB_USER', 'my_token'],
    ['APP_DB_NAME', 'secret'],
    ['DOMAIN', 'changemakers.org'],
    ['GHCR_USERNAME', 'changemakers-bot'],
    ['VM_HOST', 'exchange-metrics.acme.dev'],
    ['APP_DB_NAME', 'replacement'],
  ] as const)('is no name that somebody chose: %s may be %j', (name, value) =>
    expect(valueFaults(name, value)).toEqual([]),
  );

  it('is never seen in what is generated', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.integer({ min: 0, max: 255 })), (bytes) => {
        const random = (count: number): Uint8Array => Uint8Array.from(bytes.take(count));
        for (const value of generateSettings(random).values()) {
          const text = value instanceof Secret ? value.reveal() : value;
          expect(isPlaceholder(text, 'secret')).toBe(false);
        }
      }),
    );
  });
});
