import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  existsSync,
} from 'node:fs';
import { request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { declarationOf } from '../../../../../services';
import { createSite, guardLedger, hasOutput, prepareInstance, readSettings } from './modules';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cogni-runner-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const write = (path: string, content: string): void => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
};
const read = (path: string): string => readFileSync(join(folder, path), 'utf8');

describe('the settings of the runner', () => {
  const sound = (): Record<string, string> => ({
    SOURCECRED_GITHUB_TOKEN: 'ghp_0123456789abcdefABCDEF',
    CONFIGURATION: folder,
  });
  beforeEach(() => write('sourcecred.json', '{}'));

  it('are a token and where the configuration is; the rest has defaults', () => {
    expect(readSettings(sound())).toMatchObject({ faults: [], settings: { port: 6006, recomputeHours: 24 } });
  });

  it('are refused with every fault, and no value', () => {
    const { faults } = readSettings({
      SOURCECRED_GITHUB_TOKEN: 'github_pat_not-to-be-seen',
      PORT: '0',
      RECOMPUTE_HOURS: 'often',
      CONFIGURATION: '/nowhere',
    });
    expect(faults).toEqual([
      'SOURCECRED_GITHUB_TOKEN is malformed; allowed: classic GitHub token',
      'PORT is not a whole number from 1 to 65535',
      'RECOMPUTE_HOURS is not a whole number from 1 to 168',
      'CONFIGURATION names /nowhere, where there is no sourcecred.json',
    ]);
  });

  it.each([
    'ghp_0123456789abcdefABCDEF',
    'gho_0123456789abcdefABCDEF',
    'ghp_short',
    'github_pat_0123456789abcdefABCDEF',
    'a'.repeat(40),
    'z'.repeat(40),
    'ghp_0123456789abcdefABCDEF\n',
  ])('take the very tokens that the catalogue takes: %j', (token) => {
    const { success } = declarationOf('SOURCECRED_GITHUB_TOKEN').format.safeParse(token);
    const { faults } = readSettings({ ...sound(), SOURCECRED_GITHUB_TOKEN: token });
    expect(faults.length === 0).toBe(success);
  });

  it.each([
    [undefined, 'SOURCECRED_GITHUB_TOKEN is missing'],
    ['', 'SOURCECRED_GITHUB_TOKEN is empty'],
  ])('are refused without a token (%j)', (token, fault) => {
    expect(readSettings({ ...sound(), SOURCECRED_GITHUB_TOKEN: token }).faults).toEqual([fault]);
  });
});

describe('the instance of the runner', () => {
  beforeEach(() => {
    write('configuration/sourcecred.json', '{"bundledPlugins":[]}');
    write('configuration/config/weights.json', 'new');
  });
  const prepare = (): void =>
    prepareInstance({ configuration: join(folder, 'configuration'), instance: join(folder, 'instance') });

  it('gets the configuration of the deploy anew at every start', () => {
    write('instance/config/weights.json', 'old');
    write('instance/config/gone.json', 'old');
    prepare();
    expect(read('instance/config/weights.json')).toBe('new');
    expect(existsSync(join(folder, 'instance/config/gone.json'))).toBe(false);
    expect(read('instance/sourcecred.json')).toBe('{"bundledPlugins":[]}');
  });

  it('keeps its ledger and its scores, whatever a deploy brings', () => {
    write('instance/data/ledger.json', '[1]');
    write('instance/output/credGrainView', 'scores');
    write('configuration/data/ledger.json', '[]');
    prepare();
    expect(read('instance/data/ledger.json')).toBe('[1]');
    expect(hasOutput(join(folder, 'instance'))).toBe(true);
  });

  it('keeps a sound ledger aside before each computation, and takes it back when it was torn', () => {
    const instance = join(folder, 'instance');
    prepare();
    expect(guardLedger(instance)).toBe('begun');
    expect(read('instance/data/ledger.json')).toBe('[]\n');
    write('instance/data/ledger.json', '[{"version":"1"}]');
    expect(guardLedger(instance)).toBe('kept');
    write('instance/data/ledger.json', '[{"vers');
    expect(guardLedger(instance)).toBe('taken back');
    expect(read('instance/data/ledger.json')).toBe('[{"version":"1"}]');
  });

  it('never begins a ledger anew where there is one that it cannot read', () => {
    prepare();
    write('instance/data/ledger.json', '[{"vers');
    expect(() => guardLedger(join(folder, 'instance'))).toThrow('is not JSON, and there is no copy of it');
    expect(read('instance/data/ledger.json')).toBe('[{"vers');
  });
});

describe('the site of the runner', () => {
  let site: Server;
  let ready: boolean;
  beforeEach(async () => {
    ready = true;
    write('instance/site/index.html', '<h1>Scores</h1>');
    write('instance/site/static/js/main.js', 'main()');
    write('instance/data/ledger.json', '[1]');
    write('instance/config/weights.json', '{}');
    write('instance/sourcecred.json', '{}');
    write('instance/cache/private.db', 'what a token may see');
    write('outside', 'outside');
    symlinkSync(join(folder, 'outside'), join(folder, 'instance/data/link'));
    symlinkSync(join(folder, 'instance/cache/private.db'), join(folder, 'instance/data/cached'));
    symlinkSync(join(folder, 'instance/data'), join(folder, 'instance/site/data'));
    site = createSite({ instance: join(folder, 'instance'), ready: () => ready });
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => new Promise((resolve) => site.close(resolve)));

  /** Asks with the path as it is: no client tidies it up first. */
  const ask = (
    path: string,
    method = 'GET',
    body = '',
  ): Promise<{ status: number; body: string; type: string }> =>
    new Promise((resolve, reject) => {
      const { port } = site.address() as AddressInfo;
      const sent = request({ host: '127.0.0.1', port, path, method, agent: false }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            body: text,
            type: answer.headers['content-type'] ?? '',
          }),
        );
      });
      sent.on('error', reject).end(body);
    });

  it.each([
    ['/', '<h1>Scores</h1>', 'text/html; charset=utf-8'],
    ['/static/js/main.js', 'main()', 'text/javascript; charset=utf-8'],
    ['/data/ledger.json', '[1]', 'application/json'],
    ['/config/weights.json', '{}', 'application/json'],
    ['/sourcecred.json?x=1', '{}', 'application/json'],
  ])('serves %s', async (path, body, type) => {
    expect(await ask(path)).toEqual({ status: 200, body, type });
  });

  it('answers HEAD without a body', async () => {
    expect(await ask('/data/ledger.json', 'HEAD')).toMatchObject({ status: 200, body: '' });
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH'])(
    'takes nothing in: %s of a ledger is refused, and the ledger stays',
    async (method) => {
      expect(await ask('/data/ledger.json', method, '[]')).toMatchObject({ status: 405 });
      expect(read('instance/data/ledger.json')).toBe('[1]');
    },
  );

  it.each([
    '/cache/private.db',
    '/data/../cache/private.db',
    '/data/%2e%2e/cache/private.db',
    '/data/..%2fcache%2fprivate.db',
    '/..%2foutside',
    '/data/link',
    '/data/cached',
    '/data/%00',
    '/data',
    '/nothing',
    '/%',
  ])('does not serve %s', async (path) => {
    expect(await ask(path)).toMatchObject({ status: 404 });
  });

  it('says 503 until something was computed, and is healthy from then on', async () => {
    ready = false;
    expect(await ask('/healthz')).toMatchObject({ status: 503 });
    expect(await ask('/')).toMatchObject({ status: 503 });
    ready = true;
    expect(await ask('/healthz')).toMatchObject({ status: 200 });
  });
});
