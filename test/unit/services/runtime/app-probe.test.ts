import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, type Output } from '../../../../foundation/process';
import { app } from '../../../../services';
import { appProbe, type ProbeProps } from '../../../../services/runtime/app-probe';

/** Answers as the application would, in this process; what the probe may end is a child of this process. */
class Application {
  readonly folder = mkdtempSync(join(tmpdir(), 'cogni-probe-'));
  readonly memory = join(this.folder, 'life');
  readonly child: ChildProcess = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  private server: Server | undefined;
  private port = 1;

  async listen(answers: RequestListener): Promise<void> {
    this.server = createServer(answers);
    await new Promise<void>((resolve) => this.server?.listen(0, '127.0.0.1', () => resolve()));
    this.port = (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.server?.closeAllConnections();
    this.server?.close();
    this.server = undefined;
    this.port = 1;
  }

  probe(deadAfter: number, bornWithin = deadAfter, more: Partial<ProbeProps> = {}): Promise<Output> {
    const { port, memory } = this;
    const { readyWithin, liveWithin } = app;
    const usual = { port, readyWithin, liveWithin, deadAfter, bornWithin, memory, init: process.pid };
    const script = appProbe({ ...usual, ...more });
    return run({ argv: [process.execPath, '-e', script], deadline: 30_000 });
  }

  end(): void {
    this.close();
    this.child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true });
  }
}

const says =
  (answers: Readonly<Record<string, number>>): RequestListener =>
  (request, response) =>
    response.writeHead(answers[request.url ?? ''] ?? 404).end('{}');

describe("the application's health check", () => {
  let application: Application;
  beforeEach(() => {
    application = new Application();
  });
  afterEach(() => application.end());

  it('is well when the application says that it is ready', async () => {
    await application.listen(says({ '/readyz': 200, '/livez': 200 }));
    expect(await application.probe(0)).toMatchObject({ code: 0, stdout: '' });
  });

  it('is not well while the application lives and is not ready, and never ends it for that', async () => {
    await application.listen(says({ '/readyz': 503, '/livez': 200 }));
    for (let times = 0; times < 2; times += 1) {
      expect(await application.probe(0)).toMatchObject({ code: 1, stdout: '/readyz: 503 {}\n' });
    }
    expect(application.child.exitCode ?? application.child.signalCode).toBeNull();
  });

  it('is not well when nothing answers, and gives the application its time', async () => {
    const output = await application.probe(60_000);
    expect(output).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^\/readyz: \S.*\n\/livez does not answer\n$/),
    });
    expect(application.child.signalCode).toBeNull();
  });

  it('ends an application that has not answered /livez for too long', async () => {
    await application.listen(says({ '/readyz': 200, '/livez': 200 }));
    expect(await application.probe(0)).toMatchObject({ code: 0 });
    application.close();
    const ended = new Promise<NodeJS.Signals | null>((resolve) =>
      application.child.once('exit', (_, signal) => resolve(signal)),
    );
    // The probe is a child of this process too, as it never is in a container, and so ends itself at last.
    const output = await application.probe(0);
    expect(output.stdout).toContain(
      '/livez has not answered for 0 s, or for 0 s since the start: the application is ended, to be started again\n',
    );
    expect(await ended).toBe('SIGKILL');
  });

  it('ends one that takes connections and never answers, without waiting for what it says of /readyz', async () => {
    await application.listen(() => undefined);
    const ended = once(application.child, 'exit');
    const { timedOut, stdout } = await application.probe(0, 0, { liveWithin: 50, readyWithin: 60_000 });
    expect({ timedOut, stdout }).toEqual({
      timedOut: false,
      stdout: expect.stringMatching(/^\/livez has not answered for 0 s, .*: the application is ended/),
    });
    expect(await ended).toEqual([null, 'SIGKILL']);
  });

  it('leaves one alone that says that it is ready, and nothing of its life', async () => {
    await application.listen((request, response) => {
      if (request.url === '/readyz') response.end('{}');
    });
    for (let times = 0; times < 2; times += 1) {
      const probe = application.probe(60_000, 60_000, { liveWithin: 50 });
      expect(await probe).toMatchObject({ code: 0, stdout: '' });
    }
    expect(application.child.signalCode).toBeNull();
  });

  it('gives a start its own time, however short that of a life is, and none after it', async () => {
    for (let times = 0; times < 2; times += 1) {
      expect((await application.probe(0, 60_000)).stdout).toContain('/livez does not answer\n');
    }
    expect(application.child.signalCode).toBeNull();
    await application.listen(says({ '/livez': 200 }));
    await application.probe(0, 60_000);
    application.close();
    expect((await application.probe(0, 60_000)).stdout).toContain('the application is ended');
  });

  it('ends an application that has not answered since its start, when the time for that is over', async () => {
    expect((await application.probe(60_000, 0)).stdout).toContain('the application is ended');
  });

  it('gives an application its time where the probe before was stopped before it had noted one', async () => {
    writeFileSync(application.memory, '');
    expect((await application.probe(60_000)).stdout).toContain('/livez does not answer\n');
    expect(application.child.signalCode).toBeNull();
    await application.listen(says({ '/livez': 200 }));
    await application.probe(0, 60_000);
    application.close();
    expect((await application.probe(0, 60_000)).stdout).toContain('the application is ended');
  });

  it('says what the application says where it can remember nothing, and ends none', async () => {
    const nowhere = { memory: join(application.folder, 'no-such-folder', 'life') };
    for (let times = 0; times < 2; times += 1) {
      expect((await application.probe(0, 60_000, nowhere)).stdout).toContain('/livez does not answer\n');
    }
    expect(application.child.signalCode).toBeNull();
    await application.listen(says({ '/readyz': 200, '/livez': 200 }));
    expect(await application.probe(0, 60_000, nowhere)).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  it('counts the time from the last answer, not from the first', async () => {
    await application.listen(says({ '/readyz': 503, '/livez': 200 }));
    await application.probe(60_000);
    application.close();
    expect(await application.probe(60_000)).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^\/readyz: \S.*\n\/livez does not answer\n$/),
    });
    expect(application.child.signalCode).toBeNull();
  });
});
