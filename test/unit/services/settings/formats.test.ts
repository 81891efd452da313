import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import {
  declarationOf,
  parseDotEnv,
  renderDotEnv,
  settingNames,
  valueFaults,
  type SettingName,
} from '../../../../services';

/** The private key of RFC 8032, section 7.1, TEST 1, as PKCS #8: nobody's. */
const signingKey = Buffer.from(
  '302e020100300506032b657004220420' + '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
  'hex',
).toString('base64');

/** Values of every form that a setting may have. */
const examples = [
  ...['cogni_app', 'preview.cogni.test', '10.1.2.3', '4242', 'true', '/a/b', 'a plain line'],
  ...['https://loki.cogni.test/push', 'https://hooks.cogni.test/a?b=c', 'unix:///var/run/docker.sock'],
  'postgresql://login:word@db.cogni.test:5432/state?sslmode=require',
  'ghp_0123456789abcdefghij',
  'sk-0123456789abcdefghijklmnopqrstuvwxyz-0123456789',
  `ghcr.cogni.test/cogni/app@sha256:${'0'.repeat(64)}`,
  `ssh-ed25519 ${'A'.repeat(68)}`,
  signingKey,
  `AGE-SECRET-KEY-1${'Q'.repeat(58)}`,
];

/** The one of several lines, which no file of settings holds. */
const names = settingNames.filter((name) => name !== 'SSH_DEPLOY_KEY');

const accepted = (name: (typeof names)[number], value: string): boolean =>
  declarationOf(name).format.safeParse(value).success;

/** What a parser may overlook, or a line of .env cannot hold. */
const odd = fc.constantFrom(
  ...['\n', '\r', '\t', '\0', ' ', '\u0085', '\u2028', '\ud800', '`', "'", '"', '\\', '$', '#', '`"', "'`"],
);

describe('the formats of settings', () => {
  it.each(names)('accept of %s what can be written to an .env file, and nothing else', (name) => {
    const sound = examples.filter((value) => accepted(name, value));
    expect(sound).not.toEqual([]);
    fc.assert(
      fc.property(
        fc.constantFrom(...sound),
        fc.nat(),
        fc.array(odd, { minLength: 1, maxLength: 2 }),
        fc.boolean(),
        (value, at, more, isAtEnd) => {
          const place = isAtEnd ? value.length : at % (value.length + 1);
          const changed = `${value.slice(0, place)}${more.join('')}${value.slice(place)}`;
          if (!accepted(name, changed)) return;
          expect(parseDotEnv(renderDotEnv([[name, changed]]).reveal(), 'test')).toEqual({ [name]: changed });
        },
      ),
    );
  });

  it('say of an address that is not in ASCII that it is to be', () => {
    const urls = {
      GRAFANA_CLOUD_LOKI_URL: 'https://lo\u00edki.cogni.test/push',
      TEAM_WEBHOOK_URL: 'https://hooks.cogni.test/\u00fc',
      DATABASE_URL: 'postgresql://app:word@p\u00f6stgres:5432/app?sslmode=disable',
    } as const;
    for (const [name, url] of Object.entries(urls) as [keyof typeof urls, string][])
      expect(valueFaults(name, url).map(({ problem }) => problem)).toEqual([
        expect.stringContaining(
          'in printable ASCII (a host name in punycode, everything else percent-encoded',
        ),
      ]);
  });

  it.each(['\n', ' ', '\t'])('take no URL with %j around it, which its own parser overlooks', (around) => {
    const urls = {
      GRAFANA_CLOUD_LOKI_URL: 'https://loki.cogni.test/push',
      TEAM_WEBHOOK_URL: 'https://hooks.cogni.test/a',
      DATABASE_URL: 'postgresql://app:word@postgres:5432/app?sslmode=disable',
    } as const;
    for (const [name, url] of Object.entries(urls) as [keyof typeof urls, string][]) {
      expect({ name, faults: valueFaults(name, url) }).toEqual({ name, faults: [] });
      expect(valueFaults(name, `${url}${around}`)).toEqual([expect.objectContaining({ kind: 'malformed' })]);
      expect(valueFaults(name, `${around}${url}`)).toHaveLength(1);
    }
  });

  it.each<[SettingName, Record<'taken' | 'refused', readonly string[]>]>([
    [
      'COGNI_PLAN_IDENTITY',
      {
        taken: [`AGE-SECRET-KEY-1${'Q'.repeat(58)}`],
        refused: [
          'a'.repeat(40),
          `age1${'q'.repeat(58)}`,
          `AGE-SECRET-KEY-1${'Q'.repeat(57)}`,
          `AGE-SECRET-KEY-1${'B'.repeat(58)}`.toLowerCase(),
        ],
      },
    ],
    [
      'COGNI_PLAN_SIGNING_KEY',
      {
        taken: [signingKey],
        refused: [
          'b'.repeat(40),
          signingKey.slice(0, -8),
          `-${signingKey}`,
          generateKeyPairSync('x25519')
            .privateKey.export({ type: 'pkcs8', format: 'der' })
            .toString('base64'),
          generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
        ],
      },
    ],
    ...(['GRAFANA_CLOUD_LOKI_URL', 'PROMETHEUS_REMOTE_WRITE_URL'] as const).map(
      (name): [SettingName, Record<'taken' | 'refused', readonly string[]>] => [
        name,
        {
          taken: ['https://logs.cogni.test/loki/api/v1/push', 'http://10.0.0.1:3100/push'],
          refused: [
            'https://logs.cogni.test',
            'https://logs.cogni.test/',
            'https://me:word@logs.cogni.test/push',
          ],
        },
      ],
    ),
    [
      'OPENROUTER_API_BASE',
      {
        taken: ['https://models.cogni.test', 'http://10.0.0.1:8080/v1'],
        refused: [
          'https://me:word@models.cogni.test',
          'https://me@models.cogni.test',
          'https://models.cogni.test?key=x',
          'https://models.cogni.test/#x',
          'ftp://models.cogni.test',
        ],
      },
    ],
    [
      'TEAM_WEBHOOK_URL',
      {
        taken: ['https://hooks.cogni.test/a?b=c'],
        refused: [
          'http://hooks.cogni.test/a',
          'https://me:word@hooks.cogni.test/a',
          'https://hooks.cogni.test/a#b',
        ],
      },
    ],
    [
      'LITELLM_MASTER_KEY',
      { taken: [`sk-${'k'.repeat(29)}`], refused: ['k'.repeat(32), `sk-${'k'.repeat(28)}`] },
    ],
    [
      'ARCHIVE_PASSPHRASE',
      { taken: ['p'.repeat(32)], refused: ['p', 'p'.repeat(31), `${'p'.repeat(32)} p`] },
    ],
    [
      'PG_CONN_STR',
      {
        taken: ['disable', 'require', 'verify-ca', 'verify-full'].map(
          (mode) => `postgres://cogni:w0rd@db.cogni.test/states?sslmode=${mode}`,
        ),
        refused: ['allow', 'prefer', ''].map(
          (mode) => `postgres://cogni:w0rd@db.cogni.test/states?sslmode=${mode}`,
        ),
      },
    ],
    [
      'TF_HTTP_USERNAME',
      { taken: ['the bot'], refused: ['<account>', ' <account>', '<account> ', ' changeme '] },
    ],
  ])('take of %s what is one, and nothing that only looks like it', (name, { taken, refused }) => {
    const faulty = (values: readonly string[]) =>
      values.filter((value) => valueFaults(name, value).length > 0);
    expect(faulty(taken)).toEqual([]);
    expect(faulty(refused)).toEqual(refused);
  });
});
