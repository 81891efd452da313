import { load } from 'js-yaml';
import { hostLayout as bootstrapLayout } from '../../../../bootstrap';
import {
  archiveFaults,
  archiveMark,
  copiedVolumes,
  edgeProject,
  hostLayout,
  readSettings,
  renderRuntime,
  runtimeProject,
  type Copies,
  type RuntimeProps,
} from '../../../../services';
import { statesOf } from '../../../../services/state';
import { archive } from '../archive/archive';
import { deploySettings, digest } from '../example';

const recipient = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p';
const copies: Copies = { recipients: [recipient] };
const archived: RuntimeProps = { images: { postgres: `pg.test/postgres@${digest('b')}` }, archive };
const props: RuntimeProps = { ...archived, archive: { ...archive, copies } };

interface Rendered {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly user: string;
        readonly cap_add: readonly string[];
        readonly read_only: boolean;
        readonly networks: object;
        readonly environment: Readonly<Record<string, string>>;
        readonly volumes: readonly {
          readonly type: string;
          readonly source?: string;
          readonly target: string;
          readonly read_only?: boolean;
        }[];
      }
    >
  >;
  readonly volumes: object;
}
const rendered = (of: RuntimeProps = props): Rendered =>
  load(renderRuntime(of).find(({ path }) => path === 'compose.yaml')?.content ?? '') as Rendered;
const fileOf = (name: string, of: RuntimeProps = props): string =>
  renderRuntime(of).find(({ path }) => path.startsWith('copies/') && path.endsWith(name))?.content ?? '';

describe('portable copies in an environment’s record', () => {
  it('are sound with nothing but recipients', () => {
    expect(archiveFaults({ ...archive, copies })).toEqual([]);
    expect(archiveFaults({ ...archive, copies: { ...copies, hour: 23, keep: { daily: 3 } } })).toEqual([]);
  });

  it.each([
    [{ recipients: [] }, 'copies.recipients is empty: nobody could read a copy'],
    [{ recipients: ['somebody'] }, 'copies.recipients "somebody" is no recipient of age (age1…)'],
    [{ recipients: [recipient.slice(0, -1)] }, 'is no recipient of age'],
    [{ ...copies, hour: 24 }, 'copies.hour 24 is not a whole number from 0 to 23'],
    [{ ...copies, keep: {} }, 'copies.keep names no rule: nothing would be kept'],
  ])('are refused with %j', (wrong: Copies, said) => {
    expect(archiveFaults({ ...archive, copies: wrong })).toEqual([expect.stringContaining(said)]);
  });

  it('never show a private key that was put there by mistake', () => {
    const [fault] = archiveFaults({ ...archive, copies: { recipients: ['AGE-SECRET-KEY-1PLANTED'] } });
    expect(fault).toMatch(/holds a private key: take it out of the repository/);
    expect(fault).not.toContain('PLANTED');
  });
});

describe('what makes portable copies', () => {
  const service = () => {
    const found = rendered().services['copies'];
    if (found === undefined) throw new Error('nothing makes copies');
    return found;
  };

  it('can read everything that it is given and write none of it', () => {
    const { user, cap_add, read_only, volumes } = service();
    expect({ user, cap_add, read_only }).toEqual({
      user: 'root',
      cap_add: ['DAC_READ_SEARCH'],
      read_only: true,
    });
    const given = volumes.filter(({ target }) => target.startsWith('/from/'));
    expect(given.map(({ target, read_only: only }) => [target, only])).toEqual([
      ['/from/edge', true],
      ['/from/host', true],
    ]);
  });

  it('knows neither the passphrase of the archive nor any private key', () => {
    expect(Object.keys(service().environment)).not.toContain('PGBACKREST_REPO1_CIPHER_PASS');
    const text = ['copies.sh', 'recipients.txt', 'pgbackrest.conf'].map((name) => fileOf(name)).join('\n');
    expect(text).toContain(recipient);
    expect(text).not.toMatch(/AGE-SECRET-KEY|cipher|passphrase/i);
  });

  it('has a folder of the bucket of its own, in which pgBackRest changes nothing', () => {
    expect(fileOf('pgbackrest.conf')).toContain('repo1-path=/copies\n');
    expect(fileOf('pgbackrest.conf')).not.toContain('repo1-cipher-type');
  });

  it('takes the ledger of SourceCred along where that runs', () => {
    const { volumes } = rendered({ ...props, sourcecred: true });
    expect(volumes).toMatchObject({
      sourcecred_data: { name: 'cogni-sourcecred_data', external: true },
      caddy_data: { name: 'cogni-edge_caddy_data', external: true },
    });
    expect(fileOf('copies.sh', { ...props, sourcecred: true })).toContain(
      'for each in edge sourcecred host; do',
    );
    expect(rendered().volumes).not.toHaveProperty('sourcecred_data');
  });

  it('ends its own dump for whoever waits for a table that it reads, and holds no other lock for that', () => {
    expect(fileOf('give-way.sql')).toMatch(
      /SELECT pg_terminate_backend[^]*application_name = 'cogni-copies' AND[^]*pg_blocking_pids/,
    );
    const program = fileOf('copies.sh');
    // Under its own name it would be what it looks for.
    const begun = program.indexOf('PGAPPNAME=cogni-copies-gives-way psql ');
    expect(begun).toBeGreaterThan(program.indexOf('make() {'));
    expect(begun).toBeLessThan(program.indexOf('take roles.sql'));
    expect(program.slice(begun)).toMatch(
      /--file=\/etc\/cogni-copies\/give-way\.sql >\/dev\/null 2>&1 9>&- &\n/,
    );
    // It runs until the copy ends: who waits for all that runs beside waits for ever.
    expect(program).not.toMatch(/^ *wait$/m);
  });

  it('restarts no database when it comes, changes or goes', () => {
    const settings = readSettings(
      {
        ...deploySettings,
        ARCHIVE_KEY: 'KEY1',
        ARCHIVE_SECRET: 's'.repeat(20),
        ARCHIVE_PASSPHRASE: 'p'.repeat(40),
      },
      'deploy',
    );
    expect(archiveMark(props, settings)).toBe(archiveMark(archived, settings));
  });

  it('is made anew for other recipients', () => {
    const other = { ...archive, copies: { recipients: [recipient, recipient] } };
    const folderOf = (of: RuntimeProps) =>
      runtimeProject(of).folders.find(({ name }) => name.startsWith('copies/'));
    expect(folderOf({ ...props, archive: other })?.name).not.toBe(folderOf(props)?.name);
  });

  it('is not there without recipients', () => {
    expect(rendered(archived).services).not.toHaveProperty('copies');
    expect(rendered(archived).volumes).not.toHaveProperty('caddy_data');
  });

  it('reads the records where the bootstrap has them put', () => {
    expect(hostLayout.deployState).toBe(bootstrapLayout.deployState);
  });
});

describe('what cannot be made again', () => {
  it('is in the archive or in the copies, whichever project it belongs to', () => {
    const edge = edgeProject({
      domain: 'preview.cogni.test',
      www: false,
      acme: { directory: 'https://acme.cogni.test/directory' },
      image: `docker.io/library/caddy@${digest('a')}`,
    });
    const kept = [...statesOf(edge), ...statesOf(runtimeProject(props))].flatMap(([name, state]) =>
      state === 'backed-up' ? [name] : [],
    );
    expect(kept).toEqual([copiedVolumes.edge, 'cogni-runtime_postgres_data']);
    expect(copiedVolumes.sourcecred).toBe('cogni-sourcecred_data');
  });
});
