import { randomBytes } from 'node:crypto';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silent } from '../../../foundation/progress';
import { goBuild } from '../../../sandbox/go-build';
import { versitygwCommand } from '../../../sandbox/images/s3';
import { eventually } from '../../contract/images/harness';

/** The S3 server of the sandbox, as a process on loopback, with one bucket and without TLS. */
export class S3Server {
  readonly bucket = 'cogni-state';
  readonly account = {
    AWS_ACCESS_KEY_ID: `p1anted${randomBytes(6).toString('hex')}`,
    AWS_SECRET_ACCESS_KEY: `p1anted-secret-${randomBytes(12).toString('hex')}`,
  };

  private constructor(
    private readonly folder: string,
    readonly endpoint: string,
  ) {}

  #process: ChildProcess | undefined;

  static async start(): Promise<S3Server> {
    const binary = await goBuild(versitygwCommand, silent);
    const folder = mkdtempSync(join(tmpdir(), 'cogni-s3-'));
    const server = new S3Server(folder, `http://127.0.0.1:${await freePort()}`);
    for (const part of ['objects', 'versions']) mkdirSync(join(folder, part));
    const { AWS_ACCESS_KEY_ID: key, AWS_SECRET_ACCESS_KEY: secret } = server.account;
    server.#process = spawn(
      binary,
      [
        ...['--port', server.endpoint.slice('http://'.length), '--quiet', '--health', '/health'],
        ...['posix', '--versioning-dir', join(folder, 'versions'), join(folder, 'objects')],
      ],
      {
        env: { ...process.env, ROOT_ACCESS_KEY_ID: key, ROOT_SECRET_ACCESS_KEY: secret },
        stdio: 'ignore',
      },
    );
    await eventually(async () => {
      const { status } = await fetch(`${server.endpoint}/health`);
      if (status !== 200) throw new Error(`it answers ${status}`);
    });
    // A folder is a bucket.
    mkdirSync(join(folder, 'objects', server.bucket));
    return server;
  }

  /** Names of what lies in the bucket. */
  objects(): readonly string[] {
    return readdirSync(join(this.folder, 'objects', this.bucket)).filter((name) => !name.startsWith('.'));
  }

  remove(): void {
    this.#process?.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
