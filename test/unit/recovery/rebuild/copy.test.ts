import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { run, type Output } from '../../../../foundation/process';
import { silent } from '../../../../foundation/progress';
import { Secret } from '../../../../foundation/secret';
import {
  bringFiles,
  filesAreThere,
  opened as openedHere,
  type CopyKey,
} from '../../../../recovery/rebuild/bring-files';
import {
  checkParts,
  copiedParts,
  openPart,
  openRecords,
  parseCopiedRecords,
} from '../../../../recovery/rebuild/copy';
import { renderRecord, type ReleaseRecord } from '../../../../deploy/rolling/record';
import { archive } from '../../services/archive/archive';
import { fakeTransport } from '../../deploy/fake-transport';
import { failureOf } from '../../../failure-of';
import { begun } from './sample';

const record: ReleaseRecord = {
  version: 2,
  id: begun.release.name,
  environment: 'preview',
  domain: 'preview.example.org',
  strategy: 'rolling',
  slot: 'a',
  tag: begun.release.tag,
  buildSha: '0123abc',
  images: { ...begun.release.images, postgres: `hub.test/postgres@sha256:${'c'.repeat(64)}` },
  files: {},
  by: { who: 'ada', from: 'laptop' },
  at: '2026-11-21T08:15:00Z',
  replaces: null,
};

/** The real programs for a shell, with a folder for the bucket, and a cipher that turns letters round. */
class Bucket {
  readonly folder = mkdtempSync(join(tmpdir(), 'cogni-copy-'));
  private readonly programs = join(this.folder, 'bin');
  private readonly copy = join(this.folder, 'bucket', '20261121-020000');

  constructor() {
    mkdirSync(this.programs);
    mkdirSync(this.copy, { recursive: true });
    this.program(
      'pgbackrest',
      `[ "$1 $2" = '--raw repo-get' ] || exit 9; exec cat "${this.folder}/bucket/$3"`,
    );
    this.program(
      'age',
      `[ "$1 $2" = '--decrypt --identity' ] || exit 9; [ "$(cat "$3")" = KEY ] || { echo 'age: error: no identity matched any of the recipients' >&2; exit 1; }; exec base64 --decode`,
    );
  }

  private program(name: string, body: string): void {
    writeFileSync(join(this.programs, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(this.programs, name), 0o755);
  }

  /** Puts parts there, each in its cipher, and the list of their checksums. */
  put(parts: Readonly<Record<string, Buffer>>): void {
    const sums = Object.entries(parts).map(([name, clear]) => {
      const sealed = clear.toString('base64');
      writeFileSync(join(this.copy, name), sealed);
      return `${createHash('sha256').update(sealed).digest('hex')}  ${name}\n`;
    });
    writeFileSync(join(this.copy, 'SHA256SUMS'), sums.join(''));
  }

  change(name: string, content: string): void {
    writeFileSync(join(this.copy, name), content);
  }

  /** Runs what a container would, in a folder of its own in the place of its memory. */
  async open(argv: readonly [string, ...string[]], key = 'KEY'): Promise<Output> {
    const memory = mkdtempSync(join(this.folder, 'memory-'));
    const own = argv.map((word) => word.replaceAll('/tmp/', `${memory}/`));
    const [shell = '', ...words] = own;
    return run({
      argv: [shell, ...words],
      stdin: key,
      env: { PATH: `${this.programs}:${process.env['PATH'] ?? ''}` },
      deadline: 20_000,
    });
  }
}

const tarOf = async (folder: string): Promise<Buffer> => {
  const file = `${folder}.tar`;
  await run({ argv: ['tar', '--create', '--file', file, '--directory', folder, '.'], deadline: 20_000 });
  return readFileSync(file);
};

describe('a part of a portable copy', () => {
  let bucket: Bucket;
  beforeEach(() => (bucket = new Bucket()));
  afterEach(() => rmSync(bucket.folder, { recursive: true, force: true }));
  const open = (name = 'edge.tar.age', key?: string): Promise<Output> =>
    bucket.open(openPart('20261121-020000', name), key);

  it('comes out in clear where it is what was copied, and the key fits', async () => {
    bucket.put({ 'edge.tar.age': Buffer.from('certificates') });
    expect(await open()).toMatchObject({ code: 0, stdout: 'certificates' });
  });

  it('is read back without a key before anything is given up, and what was changed since is named', async () => {
    bucket.put({ 'edge.tar.age': Buffer.from('certificates'), 'host.tar.age': Buffer.from('records') });
    const check = (): Promise<Output> =>
      bucket.open(checkParts('20261121-020000', ['edge.tar.age', 'host.tar.age']), '');
    expect(await check()).toMatchObject({ code: 0, stdout: '' });
    bucket.change('host.tar.age', 'AAAA');
    expect(await check()).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'host.tar.age of 20261121-020000 is not what was copied: its checksum is another\n',
    });
  });

  it.each([
    ['changed', (): void => bucket.change('edge.tar.age', 'AAAA'), 'its checksum is another'],
    ['not listed', (): void => bucket.change('SHA256SUMS', ''), 'is not in the list of checksums'],
  ])('gives nothing away where it is %s', async (_, spoil, said) => {
    bucket.put({ 'edge.tar.age': Buffer.from('certificates') });
    spoil();
    expect(await open()).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(said) });
  });

  it('says that the key is another one', async () => {
    bucket.put({ 'edge.tar.age': Buffer.from('certificates') });
    const { code, stderr } = await open('edge.tar.age', 'OTHER');
    expect(code).toBe(1);
    expect(stderr).toContain('does not open with this key');
  });

  it('gives the records of the host, and which of them served, and nothing else of it', async () => {
    const host = join(bucket.folder, 'host');
    mkdirSync(join(host, 'releases'), { recursive: true });
    writeFileSync(join(host, 'releases', `${record.id}.json`), renderRecord(record));
    const older = { ...record, id: '20261120T081500Z-preview-0000abc', tag: 'preview-0000abc' };
    writeFileSync(join(host, 'releases', `${older.id}.json`), renderRecord(older));
    writeFileSync(join(host, 'identity.json'), '{"planted":"marker"}');
    await run({ argv: ['ln', '-s', `releases/${record.id}.json`, join(host, 'current')], deadline: 5_000 });
    bucket.put({ 'host.tar.age': await tarOf(host) });
    const { code, stdout } = await bucket.open(openRecords('20261121-020000'));
    expect(code).toBe(0);
    expect(stdout).not.toContain('planted');
    const { serving, releases } = parseCopiedRecords(stdout);
    expect(serving).toEqual(record);
    expect(releases.map(({ tag }) => tag).sort()).toEqual(['preview-0000abc', 'preview-0123abc']);
  });

  it('names no release where none served', () => {
    expect(parseCopiedRecords('current \n')).toEqual({ serving: undefined, releases: [] });
  });
});

describe('the files of a copy, on a host', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cogni-place-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs the script of a container where `/to` is a folder of the test. */
  const inFolder = async (argv: readonly string[], stdin?: Buffer): Promise<Output> => {
    const script = (argv.at(-1) ?? '').replaceAll('/to', folder).replaceAll(' --same-owner', '');
    const file = join(tmpdir(), `cogni-${process.pid}.tar`);
    writeFileSync(file, stdin ?? '');
    const output = await run({
      argv: ['sh', '-c', 'exec sh -c "$1" <"$2"', 'sh', script, file],
      deadline: 20_000,
    });
    rmSync(file);
    return output;
  };
  const part = (name: string) => {
    const found = copiedParts('image', ['edge.tar.age', 'host.tar.age', 'sourcecred.tar.age']).find(
      ({ file }) => file.startsWith(name),
    );
    if (found === undefined) throw new Error(name);
    return found;
  };
  const tree = async (files: Readonly<Record<string, string>>): Promise<Buffer> => {
    const from = mkdtempSync(join(tmpdir(), 'cogni-from-'));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(from, path, '..'), { recursive: true });
      writeFileSync(join(from, path), text);
    }
    const tar = await tarOf(from);
    rmSync(from, { recursive: true });
    return tar;
  };
  const script = (name: string): readonly string[] =>
    part(name)
      .place.map(({ argv }) => argv)
      .find((argv) => argv.includes('run')) ?? [];
  const bring = async (name: string, files: Readonly<Record<string, string>>): Promise<void> => {
    expect(await inFolder(part(name).receive, await tree(files))).toMatchObject({ code: 0 });
    expect(await inFolder(script(name))).toMatchObject({ code: 0 });
  };

  it('take the place of what the new edge had, and nothing of both is left beside', async () => {
    mkdirSync(join(folder, 'caddy', 'acme'), { recursive: true });
    writeFileSync(join(folder, 'caddy', 'acme', 'new-account'), 'new');
    await bring('edge', { 'caddy/certificates/site.crt': 'old' });
    expect(readdirSync(folder)).toEqual(['caddy']);
    expect(readdirSync(join(folder, 'caddy'))).toEqual(['certificates']);
  });

  it('are not in their place while only a part of them came, and come whole the next time', async () => {
    const tar = await tree({ 'caddy/site.crt': 'old' });
    await inFolder(part('edge').receive, tar.subarray(0, 600));
    expect(readdirSync(folder)).toEqual(['.rebuild']);
    await bring('edge', { 'caddy/site.crt': 'old' });
    expect(readFileSync(join(folder, 'caddy', 'site.crt'), 'utf8')).toBe('old');
  });

  it('stop the edge only for the moment in which they change places', () => {
    expect(part('edge').place.map(({ argv }) => argv[1])).toEqual(['stop', 'run', 'start']);
  });

  it('leave marker, lock and the link to what serves behind, and take over none of a journal that is there', async () => {
    writeFileSync(join(folder, 'journal.jsonl'), 'of the new host\n');
    await bring('host', {
      [`releases/${record.id}.json`]: 'record',
      'journal.jsonl': 'of the old host\n',
      'identity.json': 'marker',
      'lock.holder': 'somebody',
      current: 'a link',
    });
    expect(readdirSync(folder).sort()).toEqual(['journal.jsonl', 'journal.jsonl.1', 'releases']);
    expect(readFileSync(join(folder, 'journal.jsonl'), 'utf8')).toBe('of the new host\n');
    expect(readFileSync(join(folder, 'journal.jsonl.1'), 'utf8')).toBe('of the old host\n');
    expect(readdirSync(join(folder, 'releases'))).toEqual([`${record.id}.json`]);
  });

  it('give a host without a journal the one of before', async () => {
    await bring('host', { 'releases/a.json': 'record', 'journal.jsonl': 'of the old host\n' });
    expect(readdirSync(folder).sort()).toEqual(['journal.jsonl', 'releases']);
    expect(existsSync(join(folder, '.rebuild'))).toBe(false);
  });
});

describe('bringing files to a host', () => {
  const key: CopyKey = {
    away: {
      archive,
      key: 'k',
      secret: Secret.of('ARCHIVE_SECRET', 's'),
      passphrase: Secret.of('ARCHIVE_PASSPHRASE', 'p'),
      authorities: '/ca.crt',
    },
    copy: '20261121-020000',
    identities: [Secret.of('identity', 'AGE-SECRET-KEY-1PLANTED')],
  };
  const opened =
    (code = 0) =>
    () => ({
      content: Readable.from([Buffer.from('tar')]),
      ended: Promise.resolve({ code, said: code === 0 ? '' : 'its checksum is another' }),
    });
  const parts = ['cogni.dump.age', 'edge.tar.age', 'host.tar.age'];

  it('brings the records last: who finds them knows that the rest is there', async () => {
    const host = fakeTransport();
    expect(await bringFiles(host, archive.image, key, parts, silent, opened())).toBe(
      'certificates and account of the edge, records of the host',
    );
    const folders = host.log.flatMap((line) => /--volume=(\S+):\/to/.exec(line)?.[1] ?? []);
    expect([...new Set(folders)]).toEqual(['cogni-edge_caddy_data', '/var/lib/cogni/deploy']);
    expect(JSON.stringify([host.log, host.inputs])).not.toContain('PLANTED');
  });

  it('takes the records from where they are newer than the copy, and all else from the copy', async () => {
    const asked: string[] = [];
    const open = (_: CopyKey, folder: string, file: string) => {
      asked.push(`${folder}/${file}`);
      return opened()();
    };
    await bringFiles(fakeTransport(), archive.image, { ...key, records: 'records' }, parts, silent, open);
    expect(asked).toEqual(['20261121-020000/edge.tar.age', 'records/host.tar.age']);
  });

  it('puts nothing in its place that is not what was copied', async () => {
    const host = fakeTransport();
    const failure = await failureOf(bringFiles(host, archive.image, key, parts, silent, opened(1)));
    expect(failure.message).toContain('its checksum is another');
    expect(host.log.some((line) => line.startsWith('docker stop'))).toBe(false);
  });

  it('ends the program that opens a part where it does not end by itself once nobody takes anything from it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cogni-docker-'));
    const before = process.env['PATH'];
    try {
      writeFileSync(join(folder, 'docker'), '#!/bin/sh\ntrap "" PIPE TERM\nexec sleep 600\n');
      chmodSync(join(folder, 'docker'), 0o755);
      process.env['PATH'] = `${folder}:${before ?? ''}`;
      const { content, ended } = openedHere(key, '20261121-020000', 'edge.tar.age', 10);
      content.destroy();
      expect(await ended).toEqual({ code: null, said: '' });
    } finally {
      process.env['PATH'] = before;
      rmSync(folder, { recursive: true });
    }
  });

  it('takes a host on which a release serves, or whose record is there, for one that has them', async () => {
    const absent = { code: 1 };
    expect(await filesAreThere(fakeTransport(), 'a')).toBe('a release serves there already');
    expect(await filesAreThere(fakeTransport([['test -e', absent]]), 'a')).toBe('the record of a is there');
    const bare = fakeTransport([
      ['test -e', absent],
      ['test -s', absent],
    ]);
    expect(await filesAreThere(bare, 'a')).toBeUndefined();
  });
});
