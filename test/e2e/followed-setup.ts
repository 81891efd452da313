import { copyFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setupEnvironments } from '../../cli/settings-documents';
import { newIdentity, recipientOf } from '../../foundation/age';
import type { Output } from '../../foundation/process';
import { Secret } from '../../foundation/secret';
import { stateKey } from '../../infra/backend';
import type { Docker } from '../../sandbox/docker';
import { domainOf } from '../../sandbox/up';
import { commandsOf } from '../setup-page';
import { cogni, inSandbox, testWorld } from './sandbox-cli';

/** The commands of docs/setup.md that speak to accounts, registries and hosts, followed for one environment on the sandbox. */
export class FollowedSetup {
  /** From nothing to a site that serves, as they stand on the page, in its order. */
  readonly setUp: readonly string[];
  /** Back after a loss, likewise, from a machine on which there is nothing of it. */
  readonly recovery: readonly string[];
  /** Where in the recovery it is asked what is lost: the one command that does not say that all is well. */
  readonly asksWhatIsLost: number;
  readonly #domain: string;
  /** Of whoever keeps the export of the settings. */
  readonly #keyFile: string;
  /** The last export, kept elsewhere. */
  readonly #exported: string;
  #recipient = '';
  /** Where the last plan was kept. */
  #plan = '';

  constructor(readonly environment: string) {
    const title = environment.charAt(0).toUpperCase() + environment.slice(1);
    this.setUp = commandsOf(title, 'on the sandbox');
    this.recovery = commandsOf(`Recovery of ${environment}`, ['on the sandbox', 'as it stands']);
    this.asksWhatIsLost = this.recovery.indexOf(`./cogni host check ${environment}`);
    this.#domain = setupEnvironments().find(({ name }) => name === environment)?.domain ?? '';
    this.#keyFile = join(testWorld.folder, `export-key-of-${environment}.txt`);
    this.#exported = join(testWorld.folder, `export-of-${environment}.age`);
  }

  /** Commands of the set-up that the recovery does without. */
  get onlyToSetUp(): readonly string[] {
    return this.setUp.filter((line) => !this.recovery.includes(line));
  }

  /** Every command of both, each once: those of the set-up in its order, then what only a recovery has. */
  get all(): readonly string[] {
    return [...new Set([...this.setUp, ...this.recovery])];
  }

  /**
   * Begins with a sandbox that has nothing but a build of production.
   *
   * @param sha of the build
   */
  async begin(sha: string): Promise<void> {
    await cogni('sandbox', 'down');
    expect((await cogni('sandbox', 'up')).code).toBe(0);
    expect((await cogni('sandbox', 'publish', `prod-${sha}`)).code).toBe(0);
    await this.prepare();
  }

  /** Makes the key that an export is for, as `age-keygen` does (`test/tool/cli/setup.test.ts` runs that). The sandbox is up. */
  async prepare(): Promise<void> {
    const identity = await newIdentity();
    writeFileSync(this.#keyFile, identity, { mode: 0o600 });
    this.#recipient = await recipientOf(Secret.of('identity', identity));
  }

  /**
   * Loses the machine that the environment was operated from: keys in the agent, settings, pin, tokens, what was synthesized, and the states
   * on its disk. The export is kept elsewhere.
   */
  async loseMachine(): Promise<void> {
    const { folder } = testWorld;
    const states = stateKey(this.environment).replace(/\.tfstate$/, '');
    for (const state of readdirSync(join(folder, 'state')).filter((file) => file.startsWith(states)))
      rmSync(join(folder, 'state', state), { recursive: true });
    for (const lost of [this.environment, 'cdktf.out']) rmSync(join(folder, lost), { recursive: true });
    await inSandbox(['ssh-add', '-D']);
  }

  /**
   * Runs a line of the page, with what a person would put in: the build, the domain, keys, and the word that a plan was read.
   *
   * @param sha of the build
   * @throws Error for a line with another gap: the page asks for something that nobody here knows
   */
  async follow(docker: Docker, line: string, sha: string): Promise<Output> {
    const folder = join(testWorld.folder, this.environment);
    const filled = line
      .replace('<sha>', sha)
      .replace('<recipient>', this.#recipient)
      .replace('<file>', this.#exported)
      .replace('<key>', this.#keyFile)
      .replace('<plan>', this.#plan)
      .replace(/~\/\.ssh\/\S+/, join(testWorld.folder, 'ssh', this.environment))
      .replace(`.cogni/${this.environment}/`, `${folder}/`)
      .replaceAll(this.#domain, domainOf(this.environment));
    if (/[<>]|~\//.test(filled)) throw new Error(`what is to be put into "${filled}"?`);
    const [program = '', ...words] = filled.split(' ');
    if (program === 'getent' || program === 'curl') return this.#onTheNetwork(docker, [program, ...words]);
    const read = program === 'npx' && words[1] === 'deploy' ? ['--auto-approve'] : [];
    const output = await inSandbox([program, ...words, ...read]);
    this.#plan = /^kept: +(\S+)/m.exec(output.stdout)?.[1] ?? this.#plan;
    if (words[1] === 'export' && output.code === 0)
      copyFileSync(join(folder, 'settings.age'), this.#exported);
    return output;
  }

  /** Whoever asks for the site has the sandbox's DNS and trusts its authority, as its hosts do. */
  async #onTheNetwork(docker: Docker, argv: readonly string[]): Promise<Output> {
    const names = await docker.docker(['ps', '--format={{.Names}}', `--filter=label=${testWorld.label}`]);
    const host = names.split('\n').find((name) => /-host-\d+$/.test(name)) ?? '';
    return docker.tryDocker(['exec', host, ...argv]);
  }
}
