import {
  archiveFaults,
  archiveMark,
  readSettings,
  renderRuntime,
  type Receiver,
  type RuntimeProps,
} from '../../../../services';
import { receiverFaults } from '../../../../services/archive/receiver';
import { databaseModel, receivedModel } from '../../../../services/database/model';
import { provisionFiles } from '../../../../services/database/provision';
import { hostBasedAccess, startScript, userNames } from '../../../../services/runtime/postgres-access';
import { deploySettings } from '../example';
import { archive } from './archive';
import { receiver } from './receiver';

const propsWith = (more: Partial<Receiver> | undefined): RuntimeProps => ({
  images: { postgres: `pg.test/postgres@sha256:${'b'.repeat(64)}` },
  archive: more === undefined ? archive : { ...archive, receiver: { ...receiver, ...more } },
});
const fileOf = (path: string, props: RuntimeProps): string | undefined =>
  renderRuntime(props).find((file) => file.path.endsWith(`/${path}`))?.content;

describe('a receiver in an environment’s record', () => {
  const hostKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINcwTSlZ++VNZvKKV62fRdaqc9tp5c45moCWHEodTtFk';

  it('is sound with nothing but another environment, or an address and its host key', () => {
    expect(receiverFaults({ on: 'preview' })).toEqual([]);
    expect(receiverFaults({ address: '192.0.2.7', hostKey })).toEqual([]);
    expect(receiverFaults({ address: 'log.cogni.test', user: 'log', hostKey })).toEqual([]);
    expect(receiverFaults({ ...receiver, synchronous: 'while-there', patience: 30 })).toEqual([]);
  });

  it.each([
    [
      { ...receiver, synchronous: 'sometimes' },
      /synchronous "sometimes" is not known; allowed: while-there, always/,
    ],
    [{ ...receiver, patience: 5 }, /patience goes with synchronous "while-there" alone/],
    [{ ...receiver, synchronous: 'while-there', patience: 0 }, /patience 0 is not/],
    [{ ...receiver, room: 16 }, /room 16 is not/],
    [{ ...receiver, key: 'ssh-rsa AAAA' }, /key is not the public half of an Ed25519 key/],
    [{ address: '1.2.3', hostKey }, /address "1.2.3" is neither/],
    [{ address: '192.0.2.7', user: 'a b', hostKey }, /user "a b"/],
    [{ address: '192.0.2.7', hostKey: 'none' }, /hostKey is not/],
  ])('is refused as %j', (wrong, fault) => {
    expect(receiverFaults(wrong as Receiver).join('\n')).toMatch(fault);
  });

  it('is looked at with its archive', () => {
    expect(archiveFaults({ ...archive, receiver: { ...receiver, room: 1 } })).toEqual([
      expect.stringMatching(/^receiver room 1 is not/),
    ]);
  });
});

describe('a database with a receiver of its log', () => {
  const conf = (more: Partial<Receiver>): string => fileOf('postgresql.conf', propsWith(more)) ?? '';

  it('keeps a bounded piece of its log for it, and has no slot that could fill the disk', () => {
    expect(conf({})).toContain("wal_keep_size = '1GB'\n");
    expect(conf({})).toContain("max_replication_slots = '0'\n");
  });

  it('lets commits wait for it where that is asked for, and for nothing else', () => {
    expect(conf({})).not.toMatch(/synchronous/);
    expect(conf({ synchronous: 'always' })).toContain("synchronous_standby_names = 'cogni_receiver'\n");
    expect(conf({ synchronous: 'while-there' })).not.toContain('synchronous_standby_names');
    expect(conf({ synchronous: 'while-there' })).toContain(
      "include_if_exists = '/run/cogni-postgres/synchronous.conf'\n",
    );
  });

  it('waits from its first moment on where it waits while the receiver is there, and is watched for as long as it runs', () => {
    const script = startScript({}, { ...receiver, synchronous: 'while-there' });
    expect(script).toMatch(
      /echo "synchronous_standby_names = 'cogni_receiver'" >\/run\/cogni-postgres\/synchronous\.conf\n\(\/bin\/sh \/etc\/cogni-postgres\/synchronous\.sh &\)\nexec docker-entrypoint\.sh/,
    );
    expect(startScript({}, { ...receiver, synchronous: 'always' })).not.toContain('synchronous.sh');
    expect(fileOf('synchronous.sh', propsWith({ synchronous: 'while-there', patience: 42 }))).toContain(
      '-ge 42 ]',
    );
    expect(fileOf('synchronous.sh', propsWith({}))).toBeUndefined();
  });

  it('lets it in through the socket alone, as a user of its own without a password, to replicate and nothing else', () => {
    const rules = hostBasedAccess('cogni_root', receiver).split('\n');
    expect(rules.filter((line) => /replication|receiver/.test(line))).toEqual([
      'local  replication  cogni_receiver  peer map=receiver',
    ]);
    expect(userNames('cogni_root', receiver)).toContain('receiver  backup  cogni_receiver\n');
    expect(userNames('cogni_root', receiver)).not.toMatch(/backup {2}"cogni_root"/);
  });

  it('is restarted when a receiver is added, changed or removed', () => {
    const settings = readSettings(
      {
        ...deploySettings,
        ARCHIVE_KEY: 'KEY1',
        ARCHIVE_SECRET: 's'.repeat(20),
        ARCHIVE_PASSPHRASE: 'p'.repeat(40),
      },
      'deploy',
    );
    const marks = [undefined, {}, { synchronous: 'always' } as const].map((more) =>
      archiveMark(propsWith(more), settings),
    );
    expect(new Set(marks).size).toBe(3);
  });

  it('is provisioned with a role that replicates, and provisioning does not wait for who only comes with that role', () => {
    const files = provisionFiles(receivedModel);
    const text = (path: string): string => files.find((file) => file.path === path)?.content ?? '';
    expect(text('roles.sql')).toContain("('receiver', '', 'cogni_receiver', true, true, 4, '{}')");
    expect(text('roles.sql')).toContain(
      "CASE WHEN wanted.key = 'receiver' THEN 'REPLICATION' ELSE 'NOREPLICATION' END",
    );
    expect(text('provision.sh')).toContain('-c synchronous_commit=local');
  });
});

describe('a database without a receiver', () => {
  it('has nothing of one', () => {
    const text = renderRuntime(propsWith(undefined))
      .map(({ path, content }) => `${path}\n${content}`)
      .join('\n');
    expect(text).not.toMatch(/receiver|synchronous|wal_keep_size|max_replication_slots|bridge/);
    const provisioned = provisionFiles(databaseModel)
      .map(({ content }) => content)
      .join('\n');
    expect(provisioned).not.toMatch(/receiver|wanted\.key =|synchronous/i);
  });
});
