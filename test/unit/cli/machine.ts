import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { settingNames } from '../../../services';
import type { SandboxEnvironment } from '../../../stacks/sandbox-overrides';

/** A machine with its own local files of two environments. */
export class Machine {
  readonly folder = mkdtempSync(join(tmpdir(), 'cogni-machine-'));

  /**
   * @param deployKeyFile the public key that its hosts let in
   * @param more of both environments
   */
  constructor(deployKeyFile = 'keys/cogni_preview_deploy.pub', more: Partial<SandboxEnvironment> = {}) {
    const environment = (name: string) => ({
      domain: `${name}.cogni.test`,
      projectId: 1,
      deployKeyFile,
      acmeDirectory: 'https://acme.cogni.test/directory',
      imageLockFile: 'images.lock.json',
      imageRepository: 'ghcr.cogni.test/cogni/app',
      stateFolder: this.folder,
      ...more,
    });
    const environments = { preview: environment('preview'), production: environment('production') };
    writeFileSync(join(this.folder, 'sandbox.json'), JSON.stringify({ version: 1, environments }));
  }

  path(...words: readonly string[]): string {
    return join(this.folder, ...words);
  }

  put(file: string, text: string): string {
    const path = this.path(file);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  read(file: string): string {
    return readFileSync(this.path(file), 'utf8');
  }

  /** Runs something on it, without the settings that this process has. */
  async on<T>(work: () => Promise<T>): Promise<T> {
    const before = { ...process.env };
    for (const name of settingNames) Reflect.deleteProperty(process.env, name);
    process.env['COGNI_SANDBOX'] = this.folder;
    try {
      return await work();
    } finally {
      for (const name of Object.keys(process.env)) Reflect.deleteProperty(process.env, name);
      Object.assign(process.env, before);
    }
  }
}
