import fc from 'fast-check';
import { declarationOf, parseDotEnv, renderDotEnv, settingNames, valueFaults } from '../../../../services';

/** Values of every form that a setting may have. */
const examples = [
  ...['cogni_app', 'preview.cogni.test', '10.1.2.3', '4242', 'true', '/a/b', 'a plain line'],
  ...['https://loki.cogni.test/push', 'https://hooks.cogni.test/a?b=c', 'unix:///var/run/docker.sock'],
  'postgresql://login:word@db.cogni.test:5432/state?sslmode=require',
  'ghp_0123456789abcdefghij',
  'sk-0123456789abcdefghijklmnopqrstuvwxyz-0123456789',
  `ghcr.cogni.test/cogni/app@sha256:${'0'.repeat(64)}`,
  `ssh-ed25519 ${'A'.repeat(68)}`,
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
});
