import { z } from 'zod';
import { Failure, messageOf } from '../../foundation/failure';
import { tryReadFile } from '../../foundation/files';
import { poolFaults } from './address-pool';
import { settingsChangeSchema } from './settings';

const pool = z
  .strictObject({ network: z.string(), first: z.string(), last: z.string() })
  .superRefine((value, context) => {
    for (const message of poolFaults(value)) context.addIssue({ code: 'custom', message });
  });

const port = z.int().min(0).max(65535);
const path = z.string().startsWith('/', 'must be an absolute path');
const hostname = z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/, 'must be a host name');

const teams = z.array(
  z.strictObject({
    id: z.int().min(1),
    name: z.string().min(1),
    projects: z.array(z.strictObject({ id: z.int().min(1), name: z.string().min(1) })),
  }),
);

const machines = z.discriminatedUnion('kind', [
  /** Nothing is booted; for contract tests. Forgotten when the process ends. */
  z.strictObject({ kind: z.literal('memory') }),
  /** System containers. */
  z.strictObject({
    kind: z.literal('docker'),
    /** Address of the Docker engine; absent = the client's own. */
    engine: z.string().optional(),
    world: z.strictObject({ id: z.string(), folder: path, label: z.string(), network: z.string() }),
    /** CA certificate file that hosts trust. */
    authority: path,
    /** Address of the sandbox's DNS server. */
    dns: z.string(),
    /** Image reference that hosts boot from. */
    image: z.string(),
    /** Folder for the hosts' seeds. */
    folder: path,
  }),
]);

/** What one emulator is started with: the JSON file that main.ts takes. */
const configSchema = z.strictObject({
  /** Where the state survives the process; made when it is missing. */
  stateFile: path,
  /** Written when it listens: {@link ReadyFile}. Removed when it ends. */
  readyFile: path,
  /** Loopback ports; 0 = the one it had before, or any free one. */
  ports: z.strictObject({ proxy: port, control: port }).default({ proxy: 0, control: 0 }),
  /** PEM files: certificate for `host`, signed by the CA that clients trust, and its key. */
  tls: z.strictObject({ certificate: path, key: path }),
  /** The API host that clients ask for. */
  host: hostname.default('api.cherryservers.com'),
  tokens: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        token: z.string().min(1),
        team: z.int(),
        access: z.enum(['full', 'read-only']).default('full'),
      }),
    )
    .min(1),
  teams: teams.default([{ id: 94000, name: 'sandbox', projects: [{ id: 254000, name: 'sandbox' }] }]),
  addresses: z.strictObject({
    /** Primary addresses: what hosts really get. */
    primary: pool,
    floating: pool,
    /** In the API's records only. */
    private: pool.default({ network: '10.168.101.0/24', first: '10.168.101.16', last: '10.168.101.250' }),
  }),
  /** Folder whose host files a DNS server reads. */
  dnsHosts: path,
  /** DNS names by the host name of the server whose address they get. */
  domains: z.record(hostname, z.array(hostname)).default({}),
  settings: settingsChangeSchema.default({}),
  /** Whether the emulator's clock goes with the real one, or stands until the control API advances it. */
  clock: z.enum(['running', 'standing']).default('running'),
  /** Seconds after which work on a machine counts as failed. */
  machineDeadline: z.number().positive().default(300),
  machines,
});

/** As it is read: every default filled in. */
export type Config = z.infer<typeof configSchema>;
/** As it is written. */
export type ConfigInput = z.input<typeof configSchema>;

/** Content of the ready file. */
export interface ReadyFile {
  readonly pid: number;
  /** `HTTPS_PROXY` for clients: `http://127.0.0.1:<port>`. */
  readonly proxy: string;
  /** Where the control API is: `http://127.0.0.1:<port>`. */
  readonly control: string;
}

/**
 * Reads and checks a configuration file.
 * @throws Failure that lists every fault of it. Values are not shown, since tokens are among them.
 */
export function readConfig(file: string): Config {
  const next = `mend ${file}, then start the emulator again`;
  const text = tryReadFile(file);
  if (text === undefined) {
    throw new Failure({ what: `there is no emulator configuration at ${file}`, next: './cogni sandbox up' });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new Failure({
      what: `the emulator configuration ${file} is not JSON: ${messageOf(cause)}`,
      next,
      cause,
    });
  }
  return parseConfig(json, file);
}

/** @throws Failure that lists every fault. */
export function parseConfig(json: unknown, file: string): Config {
  const parsed = configSchema.safeParse(json);
  const faults = parsed.success
    ? referenceFaults(parsed.data)
    : parsed.error.issues.map((issue) => `${issue.path.join('.') || 'document'}: ${issue.message}`);
  if (parsed.success && faults.length === 0) return parsed.data;
  throw new Failure({
    what: `the emulator configuration ${file} has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}`,
    faults,
    next: `mend ${file}, then start the emulator again`,
  });
}

/** What refers to something that is not there, or names something twice. */
function referenceFaults(config: Config): string[] {
  const teamIds = config.teams.map(({ id }) => id);
  const projectIds = config.teams.flatMap(({ projects }) => projects.map(({ id }) => id));
  const names = Object.values(config.domains).flat();
  return [
    ...twice(teamIds).map((id) => `teams: team ${id} is there twice`),
    ...twice(projectIds).map((id) => `teams: project ${id} is there twice`),
    ...twice(config.tokens.map(({ name }) => name)).map((name) => `tokens: "${name}" is there twice`),
    ...twice(config.tokens.map(({ token }) => token)).map(() => 'tokens: two have the same value'),
    ...twice(names).map((name) => `domains: ${name} is given to two servers`),
    ...config.tokens
      .filter(({ team }) => !teamIds.includes(team))
      .map(({ name, team }) => `tokens: "${name}" is of team ${team}; there are ${teamIds.join(', ')}`),
  ];
}

const twice = <T>(values: readonly T[]): T[] => [
  ...new Set(values.filter((value, index) => values.indexOf(value) !== index)),
];
