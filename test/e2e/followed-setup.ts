import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setupEnvironments } from '../../cli/settings-documents';
import { newIdentity, recipientOf } from '../../foundation/age';
import type { Output } from '../../foundation/process';
import { Secret } from '../../foundation/secret';
import type { Docker } from '../../sandbox/docker';
import { domainOf } from '../../sandbox/up';
import { commandsRun } from '../setup-page';
import { inSandbox, testWorld } from './sandbox-cli';

/** The commands of docs/setup.md that speak to accounts, registries and hosts, followed for one environment on the sandbox. */
export class FollowedSetup {
  /** As they stand on the page, in its order. */
  readonly lines: readonly string[];
  readonly #domain: string;
  /** Of whoever keeps the export of the settings. */
  readonly #keyFile: string;
  #recipient = '';
  /** Where the last plan was kept. */
  #plan = '';

  constructor(readonly environment: string) {
    this.lines = commandsRun('on the sandbox', environment);
    this.#domain = setupEnvironments().find(({ name }) => name === environment)?.domain ?? '';
    this.#keyFile = join(testWorld.folder, `export-key-of-${environment}.txt`);
  }

  /** Makes the key that an export is for, as `age-keygen` does (`test/tool/cli/setup.test.ts` runs that). The sandbox is up. */
  async prepare(): Promise<void> {
    const identity = await newIdentity();
    writeFileSync(this.#keyFile, identity, { mode: 0o600 });
    this.#recipient = await recipientOf(Secret.of('identity', identity));
  }

  /**
   * Runs a line of the page, with what a person would put in: the build, the domain, keys, and the word that a plan was read.
   *
   * @param sha of the build
   * @throws Error for a line with another gap: the page asks for something that nobody here knows
   */
  async follow(docker: Docker, line: string, sha: string): Promise<Output> {
    const filled = line
      .replace('<sha>', sha)
      .replace('<recipient>', this.#recipient)
      .replace('<file>', join(testWorld.folder, this.environment, 'settings.age'))
      .replace('<key>', this.#keyFile)
      .replace('<plan>', this.#plan)
      .replace(/~\/\.ssh\/\S+/, join(testWorld.folder, 'ssh', this.environment))
      .replaceAll(this.#domain, domainOf(this.environment));
    if (/[<>]|~\//.test(filled)) throw new Error(`what is to be put into "${filled}"?`);
    const [program = '', ...words] = filled.split(' ');
    if (program !== 'npx' && program !== './cogni') return this.#onTheNetwork(docker, [program, ...words]);
    const read = program === 'npx' && words[1] === 'deploy' ? ['--auto-approve'] : [];
    const output = await inSandbox([program, ...words, ...read]);
    this.#plan = /^kept: +(\S+)/m.exec(output.stdout)?.[1] ?? this.#plan;
    return output;
  }

  /** Whoever asks for the site has the sandbox's DNS and trusts its authority, as its hosts do. */
  async #onTheNetwork(docker: Docker, argv: readonly string[]): Promise<Output> {
    const names = await docker.docker(['ps', '--format={{.Names}}', `--filter=label=${testWorld.label}`]);
    const host = names.split('\n').find((name) => /-host-\d+$/.test(name)) ?? '';
    return docker.tryDocker(['exec', host, ...argv]);
  }
}
