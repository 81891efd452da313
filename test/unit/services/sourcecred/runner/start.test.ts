import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const program = resolve('services/sourcecred/runner/start.js');

/** Plays SourceCred in its instance: `go` notes the ledger that it reads, then does as `PLAYED` says. */
const sourcecred = `
const { readFileSync, writeFileSync } = require('node:fs');
if (process.argv[2] === 'go') {
  writeFileSync('seen', readFileSync('data/ledger.json'));
  if (process.env.PLAYED === 'hangs') {
    process.on('SIGTERM', () => { writeFileSync('told', 'to end'); process.exit(1); });
    // Where nobody ends it, it ends itself.
    setTimeout(() => process.exit(2), 60_000);
    console.log(JSON.stringify({ event: 'played.hangs' }));
  } else if (process.env.PLAYED === 'fails') process.exit(1);
  else writeFileSync('output/credGrainView', 'new');
} else writeFileSync('site/index.html', 'new');
`;

interface Entry {
  readonly event: string;
  readonly level?: string;
  readonly [more: string]: unknown;
}

/** The program as its container starts it, with these variables and no other. */
class Started {
  readonly entries: Entry[] = [];
  readonly ended: Promise<number | null>;
  private readonly child;
  private tell: () => void = () => undefined;

  constructor(variables: Readonly<Record<string, string>>) {
    this.child = spawn(process.execPath, [program], { env: variables, stdio: ['ignore', 'pipe', 'inherit'] });
    let rest = '';
    this.child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      this.entries.push(...lines.map((line) => JSON.parse(line) as Entry));
      this.tell();
    });
    this.ended = new Promise((resolve, reject) => this.child.on('error', reject).on('close', resolve));
  }

  get events(): readonly string[] {
    return this.entries.map(({ event }) => event);
  }

  async logged(event: string): Promise<void> {
    while (!this.events.includes(event)) await new Promise<void>((resolve) => (this.tell = resolve));
  }

  /** As `docker stop` does. @returns its exit code */
  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.child.kill(signal);
    return this.ended;
  }
}

/** One that nobody listens on. */
const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

describe('the start of the runner', () => {
  let folder: string;
  let port: number;
  let started: Started | undefined;
  const inInstance = (path: string): string => join(folder, 'instance', path);
  const write = (path: string, content: string): void => {
    mkdirSync(join(inInstance(path), '..'), { recursive: true });
    writeFileSync(inInstance(path), content);
  };
  const start = (played: 'computes' | 'fails' | 'hangs'): Started =>
    (started = new Started({
      SOURCECRED_GITHUB_TOKEN: 'ghp_0123456789abcdefABCDEF',
      CONFIGURATION: join(folder, 'configuration'),
      INSTANCE: join(folder, 'instance'),
      SOURCECRED_PROGRAM: join(folder, 'sourcecred.js'),
      PORT: String(port),
      PLAYED: played,
    }));
  const shown = async (path: string): Promise<readonly [number, string]> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return [response.status, (await response.text()).trim()];
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cogni-start-'));
    port = await freePort();
    mkdirSync(join(folder, 'configuration', 'config'), { recursive: true });
    writeFileSync(join(folder, 'configuration', 'sourcecred.json'), '{}\n');
    writeFileSync(join(folder, 'sourcecred.js'), sourcecred);
  });
  afterEach(async () => {
    await started?.stop('SIGKILL');
    started = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  it('without settings says every fault at once, and ends', async () => {
    started = new Started({});
    expect(await started.ended).toBe(2);
    expect(started.entries).toEqual([
      expect.objectContaining({
        level: 'error',
        event: 'settings.unfit',
        faults: [
          'SOURCECRED_GITHUB_TOKEN is missing',
          'CONFIGURATION names /etc/sourcecred, where there is no sourcecred.json',
        ],
      }),
    ]);
  });

  it('serves what was computed, and ends when it is told to', async () => {
    const runner = start('computes');
    await runner.logged('computed');
    expect(await shown('/')).toEqual([200, 'new']);
    expect(await runner.stop()).toBe(0);
    expect(runner.events).toEqual(['listening', 'computed', 'stopping']);
  });

  it('takes a sound ledger back before it computes from a torn one', async () => {
    write('data/ledger.json', '[{"torn":');
    write('data/ledger.before.json', '["kept"]\n');
    const runner = start('computes');
    await runner.logged('computed');
    expect(readFileSync(inInstance('seen'), 'utf8')).toBe('["kept"]\n');
    expect(runner.events).toEqual(['listening', 'ledger.taken-back', 'computed']);
    expect(await runner.stop()).toBe(0);
  });

  it('leaves what was computed before on show where a computation fails, and says that it tries again', async () => {
    write('output/credGrainView', 'old');
    write('site/index.html', 'old');
    const runner = start('fails');
    await runner.logged('compute.failed');
    expect(runner.entries.at(-1)).toMatchObject({
      level: 'error',
      reason: 'sourcecred go ended with exit code 1',
      againInSeconds: 900,
    });
    expect(await shown('/')).toEqual([200, 'old']);
    expect(await shown('/output/credGrainView')).toEqual([200, 'old']);
    expect(await shown('/healthz')).toEqual([200, 'ok']);
    expect(await runner.stop()).toBe(0);
  });

  it('ends a computation with itself, which has then not failed', async () => {
    const runner = start('hangs');
    await runner.logged('played.hangs');
    expect(await runner.stop()).toBe(0);
    expect(existsSync(inInstance('told'))).toBe(true);
    expect(runner.events).toEqual(['listening', 'played.hangs', 'stopping']);
  });
});
