import {
  archiveFaults,
  archiveMark,
  readSettings,
  renderRuntime,
  runtimeVariables,
  type RuntimeProps,
} from '../../../../services';
import { pgbackrestConf } from '../../../../services/archive/configuration';
import { Volume } from '../../../../compose';
import { statesOf, StateVolume } from '../../../../services/state';
import { runtimeProject } from '../../../../services';
import { deploySettings, release } from '../example';
import { archive } from './archive';

const plain: RuntimeProps = { images: { postgres: `pg.test/postgres@sha256:${'b'.repeat(64)}` } };
const props: RuntimeProps = { ...plain, archive };
const withKey = {
  ...deploySettings,
  ARCHIVE_KEY: 'KEY1',
  ARCHIVE_SECRET: 's'.repeat(20),
  ARCHIVE_PASSPHRASE: 'p'.repeat(40),
};
const fileOf = (path: RegExp, of: RuntimeProps = props): string => {
  const found = renderRuntime(of).find((file) => path.test(file.path));
  if (found === undefined) throw new Error(`there is no file ${String(path)}`);
  return found.content;
};

describe('an archive in an environment’s record', () => {
  it('is sound with nothing but its place, its image and what is kept', () => {
    expect(archiveFaults(archive)).toEqual([]);
    expect(archiveFaults({ ...archive, endpoint: 's3.cogni.test:9000' })).toEqual([]);
  });

  it.each([
    [{ endpoint: '192.0.2.7' }, /IP address: pgBackRest believes no certificate/],
    [{ endpoint: 'https://s3.cogni.test' }, /not a DNS name/],
    [{ bucket: 'AB' }, /bucket "AB" is not 3 to 63/],
    [{ region: 'eu west' }, /region "eu west"/],
    [{ timeout: 60 }, /timeout 60 .*from 5 to 45/],
    [{ backlog: 16 }, /backlog 16 .*from 256/],
    [{ every: { fullDays: 0, hours: 48 } }, /fullDays 0/],
    [{ keep: {} }, /keep names no rule/],
    [{ image: 'postgres:15' }, /image "postgres:15" is not an image by digest/],
  ])('is refused with %j', (change, fault) => {
    expect(archiveFaults({ ...archive, ...change }).join('\n')).toMatch(fault);
  });

  it('lists every fault at once', () => {
    expect(archiveFaults({ ...archive, bucket: 'AB', timeout: 1, backlog: 1 })).toHaveLength(3);
  });
});

describe('a database with an archive', () => {
  it('archives with a bounded backlog, a timeout well below a minute, and nothing of a secret in a file', () => {
    expect(fileOf(/postgresql\.conf$/)).toMatch(
      /archive_mode = 'on'\narchive_command = 'pgbackrest archive-push %p'\narchive_timeout = '15s'/,
    );
    const conf = pgbackrestConf(archive);
    expect(conf).toContain('[global:archive-push]\narchive-async=y\n');
    expect(conf).toContain('archive-push-queue-max=8192MiB\n');
    expect(conf).toContain('repo1-cipher-type=aes-256-cbc\n');
    expect(conf).not.toMatch(/key|secret|pass/);
  });

  it('is not the first process of its container: a process of pgBackRest that fails would pass for a crash of the server', () => {
    const postgres = fileOf(/compose\.yaml$/).split(/^ {2}postgres:\n/m)[1] ?? '';
    expect(postgres.split(/^ {2}\w/m)[0]).toContain('init: true');
  });

  it('is on a network of its own with what makes backups, and on no other way out', () => {
    const { networks, services } = runtimeProject(props);
    expect(networks.map(({ name }) => name).sort()).toEqual(['archive', 'edge', 'internal']);
    expect(services.map(({ name }) => name)).toContain('backup');
  });

  it('has the mark of its files and its key, so that a change of either restarts it', () => {
    const mark = (
      of: RuntimeProps,
      settings: Readonly<Record<string, string>> = withKey,
    ): string | undefined => archiveMark(of, readSettings(settings, 'deploy'));
    expect(mark(props)).toMatch(/^postgres\/[0-9a-f]{12} KEY1$/);
    expect(mark(props, { ...withKey, ARCHIVE_KEY: 'KEY2' })).not.toBe(mark(props));
    expect(mark({ ...props, archive: { ...archive, bucket: 'another' } })).not.toBe(mark(props));
    expect(mark(plain)).toBeUndefined();
    expect(fileOf(/compose\.yaml$/)).toContain('dev.cogni.archive: ');
  });

  it('needs the key, its secret and the passphrase, which reach it through the settings alone', () => {
    const variables = [...runtimeVariables(readSettings(withKey, 'deploy'), release, props).keys()];
    expect(variables).toEqual(
      expect.arrayContaining(['ARCHIVE_KEY', 'ARCHIVE_SECRET', 'ARCHIVE_PASSPHRASE']),
    );
    expect(() => runtimeVariables(readSettings(deploySettings, 'deploy'), release, props)).toThrow(
      /ARCHIVE_KEY is missing/,
    );
  });
});

describe('a database without an archive', () => {
  it('has nothing of it in its files, nor in its settings', () => {
    const text = renderRuntime(plain)
      .map(({ path, content }) => `${path}\n${content}`)
      .join('\n');
    expect(text).not.toMatch(/archive|pgbackrest|backup/i);
    const variables = [...runtimeVariables(readSettings(withKey, 'deploy'), release, plain).keys()];
    expect(variables.filter((name) => name.startsWith('ARCHIVE_'))).toEqual([]);
  });
});

describe('the volumes of a runtime', () => {
  it('say what they are worth when their host is gone', () => {
    expect([...statesOf(runtimeProject(props))]).toEqual([
      ['cogni-runtime_postgres_socket', 'scratch'],
      ['cogni-runtime_postgres_data', 'backed-up'],
    ]);
  });

  it('are not synthesized when one of them does not say it', () => {
    const project = runtimeProject(plain);
    const rest = new Volume(project, 'rest', { name: 'rest' });
    expect(() => statesOf(project)).toThrow(/the volume rest of cogni-runtime has no class/);
    expect(rest).not.toBeInstanceOf(StateVolume);
  });
});
