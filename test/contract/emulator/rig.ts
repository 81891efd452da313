import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../foundation/clock';
import { parseConfig, type Config, type ConfigInput } from '../../../sandbox/emulator/config';
import { startEmulator, type Emulator } from '../../../sandbox/emulator/emulator';
import { MemoryMachines } from '../../../sandbox/emulator/memory-machines';
import { makeAuthority, type Authority } from './authority';
import { Client, plain } from './client';

/** The team of the tests' own token. */
export const team = 94000;
export const project = 254000;
export const otherProject = 255000;

/** Tokens of the tests; that they never show up in a log is one of the tests. */
export const tokens = {
  own: 'token-of-the-sandbox-team-0123456789',
  other: 'token-of-the-other-team-0123456789',
  reader: 'token-that-may-only-read-0123456789',
};

/** Two well-formed public keys that nobody has the private half of: 32 counting bytes each. */
export const keyTexts = [
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f first@example',
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8eHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgEA second@example',
] as const;

export const userData = Buffer.from('#cloud-config\nusers: []\n').toString('base64');

/** What the provider sends to order a server, with changes. */
export const order = (change: Record<string, unknown> = {}): Record<string, unknown> => ({
  project_id: project,
  plan: 'B1-2-2gb-40s-shared',
  hostname: 'prod-app',
  image: 'ubuntu_22_04',
  region: 'LT-Siauliai',
  user_data: userData,
  tags: {},
  spot_market: false,
  ...change,
});

/** A configuration in which everything lies in one folder; the emulator's clock stands. */
export const configIn = (
  folder: string,
  authority: Authority,
  change: Partial<ConfigInput> = {},
): ConfigInput => ({
  stateFile: join(folder, 'state.json'),
  readyFile: join(folder, 'ready.json'),
  tls: { certificate: authority.certificate, key: authority.key },
  tokens: [
    { name: 'own', token: tokens.own, team },
    { name: 'other', token: tokens.other, team: 95000 },
    { name: 'reader', token: tokens.reader, team, access: 'read-only' },
  ],
  teams: [
    { id: team, name: 'sandbox', projects: [{ id: project, name: 'sandbox' }] },
    { id: 95000, name: 'other', projects: [{ id: otherProject, name: 'other' }] },
  ],
  addresses: {
    primary: { network: '172.30.5.0/24', first: '172.30.5.100', last: '172.30.5.199' },
    floating: { network: '172.30.5.0/24', first: '172.30.5.200', last: '172.30.5.219' },
  },
  dnsHosts: join(folder, 'dns'),
  domains: { 'prod-app': ['app.cogni.test', 'www.app.cogni.test'] },
  clock: 'standing',
  machines: { kind: 'memory' },
  ...change,
});

/** A running emulator, its machines, and clients of it. */
export class Rig {
  readonly machines = new MemoryMachines();
  readonly log: string[] = [];
  #emulator: Emulator | undefined;

  private constructor(
    readonly folder: string,
    readonly authority: Authority,
    readonly config: Config,
  ) {}

  static async start(change: Partial<ConfigInput> = {}): Promise<Rig> {
    const folder = mkdtempSync(join(tmpdir(), 'emulator-'));
    const authority = await makeAuthority(folder);
    const rig = new Rig(folder, authority, parseConfig(configIn(folder, authority, change), 'the test'));
    await rig.startAgain();
    return rig;
  }

  get emulator(): Emulator {
    return this.#emulator!;
  }

  /** Starts a new emulator on what the last one left. */
  async startAgain(): Promise<void> {
    const log = (line: string): void => void this.log.push(line);
    this.#emulator = await startEmulator({
      config: this.config,
      machines: this.machines,
      clock: systemClock,
      log,
    });
  }

  client(token: string = tokens.own): Client {
    return new Client({ proxyPort: this.emulator.ports.proxy, authority: this.authority.ca, token });
  }

  /** Calls the control API; fails when it refuses. */
  async control(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await plain(method, `http://127.0.0.1:${this.emulator.ports.control}/_emu/${path}`, body);
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return JSON.parse(answer.text);
  }

  async stop(): Promise<void> {
    await this.emulator.close(1_000);
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
