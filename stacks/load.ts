import { isAbsolute, join } from 'node:path';
import { ExitCode, Failure } from '../foundation/failure';
import { examinePublicKey, type PublicKey } from '../infra/public-key';
import type { CherryHost, Environment, EnvironmentRecord } from './environment';
import { lineOf, type Fault } from './fault';
import { rehearsalName, rehearsalOf } from './rehearsal';
import { recordFaults, sharedFaults } from './rules';
import { overridden, overriddenFields, type SandboxOverrides } from './sandbox-overrides';

/** Everything outside the records that decides whether they are sound. */
export interface Surroundings {
  /** Environment variables. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** What an environment's own file of settings says; the variables win over it. @default - there is no such file */
  readonly settingsOf?: (environment: string) => Readonly<Record<string, string | undefined>>;
  /** The checkout's path: relative files are found from it. */
  readonly checkout: string;
  /** A file's text, or undefined where there is none. */
  readonly readFile: (path: string) => string | undefined;
  /** What of the committed locks, of providers and of images, a real environment cannot be made with. */
  readonly lockFaults: readonly LockFault[];
  /** Text of `stacks/environments.ts`, to name the line of a fault. */
  readonly source: string;
  /** Environments of which a rehearsal stands on this machine. @default - none */
  readonly rehearsed?: readonly string[];
  /** Present when the sandbox stands in for the world. */
  readonly sandbox?: {
    readonly overrides: SandboxOverrides;
    /** The file that they came from. */
    readonly file: string;
  };
}

interface LockFault {
  /** The lock, relative to the checkout. */
  readonly file: string;
  readonly problem: string;
  /** Whether it only matters where Terraform makes the host. */
  readonly ofRentedHosts: boolean;
}

/** An environment, or everything that is wrong with it. */
export type Examined =
  | { readonly name: string; readonly record: EnvironmentRecord; readonly environment: Environment }
  | { readonly name: string; readonly record: EnvironmentRecord; readonly faults: readonly Fault[] };

export const isSound = (examined: Examined): examined is Extract<Examined, { environment: Environment }> =>
  'environment' in examined;

/**
 * Looks at every record by itself and at all of them together. A fault in one environment leaves the others sound, so
 * that it stops no command but its own.
 */
export function examineEnvironments(
  records: readonly EnvironmentRecord[],
  surroundings: Surroundings,
): readonly Examined[] {
  const { sandbox } = surroundings;
  const played = records.map((record) => {
    const by = sandbox?.overrides.environments[record.name];
    return by === undefined ? record : overridden(record, by);
  });
  // A sandbox has one deploy key for all that it plays.
  const shared = sharedFaults(played, { oneKeyForAll: sandbox !== undefined });
  const examined = played.map((record, index) => examine(record, shared[index] ?? [], surroundings));
  return [...examined, ...rehearsalsAmong(examined, surroundings)];
}

/** The rehearsals that stand. What is wrong with a record is wrong with its rehearsal, whose stack then refuses everything. */
function rehearsalsAmong(
  examined: readonly Examined[],
  { rehearsed = [] }: Surroundings,
): readonly Examined[] {
  return examined
    .filter(({ name }) => rehearsed.includes(name))
    .flatMap((each): Examined[] => {
      const { host } = each.record;
      if (host.kind === 'existing') return [];
      const name = rehearsalName(each.name);
      const record = { ...each.record, name, host: { ...host, floatingAddress: false } };
      if (!isSound(each)) return [{ name, record, faults: each.faults }];
      const { environment } = each;
      return environment.host.kind === 'existing'
        ? []
        : [{ name, record, environment: rehearsalOf({ ...environment, host: environment.host }) }];
    });
}

function examine(record: EnvironmentRecord, shared: readonly Fault[], surroundings: Surroundings): Examined {
  const refused = (faults: readonly Fault[]): Examined => ({ name: record.name, record, faults });
  const sound = (environment: Environment): Examined => ({ name: record.name, record, environment });
  const { sandbox } = surroundings;
  const by = sandbox?.overrides.environments[record.name];
  if (sandbox && !(by && record.host.kind === 'cherry')) return refused([notPlayed(record.name, sandbox)]);

  const faults = [...recordFaults(record), ...shared, ...lockFaultsOf(record, surroundings)];
  const { host } = record;
  if (host.kind === 'existing') return faults.length > 0 ? refused(faults) : sound({ ...record, host });

  const project = projectOf(record.name, host, surroundings);
  const key = deployKeyOf(record.name, host, surroundings);
  if (faults.length > 0 || 'problem' in project || 'problem' in key) {
    return refused([...faults, ...[project, key].filter((found) => 'problem' in found)]);
  }
  return sound({
    ...record,
    host: { ...host, projectId: project.number, deployKey: key.key },
    ...(by === undefined ? {} : { sandbox: { imageLockFile: by.imageLockFile } }),
  });
}

function lockFaultsOf(record: EnvironmentRecord, { sandbox, lockFaults }: Surroundings): readonly Fault[] {
  if (sandbox) return [];
  return lockFaults
    .filter((fault) => record.host.kind === 'cherry' || !fault.ofRentedHosts)
    .map(({ file, problem }) => ({ environment: record.name, field: 'host', file, problem }));
}

function notPlayed(environment: string, sandbox: NonNullable<Surroundings['sandbox']>): Fault {
  const played = Object.keys(sandbox.overrides.environments).sort().join(', ');
  return {
    environment,
    field: 'name',
    file: sandbox.file,
    problem: `${environment} is no part of this sandbox, which plays ${played || 'nothing'}`,
  };
}

function projectOf(
  environment: string,
  host: CherryHost,
  { variables, settingsOf = () => ({}) }: Surroundings,
): { readonly number: number } | Fault {
  if (typeof host.project === 'number') return { number: host.project };
  const { fromEnvironment: name } = host.project;
  const text = (variables[name] || settingsOf(environment)[name]) ?? '';
  const field = 'host.project';
  if (text === '') {
    const problem = `is taken from the environment variable ${name}, which is not set: export ${name}=<number> (Cherry portal, project settings), or write that line into .cogni/${environment}/settings.env, or the number there`;
    return { environment, field, problem };
  }
  if (!/^[1-9]\d{0,9}$/.test(text)) {
    return {
      environment,
      field,
      problem: `is taken from ${name}, whose value "${text}" is not a project's number`,
    };
  }
  return { number: Number(text) };
}

function deployKeyOf(
  environment: string,
  host: CherryHost,
  { checkout, readFile, sandbox }: Surroundings,
): { readonly key: PublicKey } | Fault {
  const { deployKeyFile } = host;
  const field = 'host.deployKeyFile';
  const text = readFile(isAbsolute(deployKeyFile) ? deployKeyFile : join(checkout, deployKeyFile));
  if (text === undefined) {
    const remedy = sandbox ? 'run ./cogni sandbox up' : makeKey(deployKeyFile);
    return { environment, field, problem: `"${deployKeyFile}" does not exist; ${remedy}` };
  }
  const examined = examinePublicKey(text);
  return 'key' in examined
    ? examined
    : { environment, field, problem: `"${deployKeyFile}" ${examined.fault}` };
}

/** The lines that make a key pair and put its public half where it is looked for. */
function makeKey(publicKeyFile: string): string {
  const name = publicKeyFile.replace(/^.*\//, '').replace(/\.pub$/, '');
  return `make the pair with: ssh-keygen -t ed25519 -C ${name} -f ~/.ssh/${name} && cp ~/.ssh/${name}.pub ${publicKeyFile}`;
}

/** A fault as one line: the file and line to edit, then what is wrong there. */
function describeFault(fault: Fault, { source, sandbox }: Surroundings): string {
  if (fault.file !== undefined) return `${fault.file}: ${fault.problem}`;
  const override = sandbox ? overriddenFields[fault.field] : undefined;
  if (sandbox && override) {
    return `${sandbox.file}: environments.${fault.environment}.${override}: ${fault.problem}`;
  }
  const line = lineOf(source, fault);
  return `stacks/environments.ts${line === undefined ? '' : `:${line}`}: ${fault.environment}.${fault.field} ${fault.problem}`;
}

/** The refusal of one environment, with every fault. */
export function refusalOf(name: string, faults: readonly Fault[], surroundings: Surroundings): Failure {
  return new Failure({
    what: `${name} is not ready: ${faults.length === 1 ? 'one thing is' : `${faults.length} things are`} wrong with it`,
    faults: faults.map((fault) => describeFault(fault, surroundings)),
    next: `mend ${faults.length === 1 ? 'it' : 'them'}, then run the command again`,
    exitCode: ExitCode.refused,
  });
}

/**
 * All environments, sound.
 *
 * @throws Failure with every fault of every environment
 */
export function loadEnvironments(
  records: readonly EnvironmentRecord[],
  surroundings: Surroundings,
): readonly Environment[] {
  const examined = examineEnvironments(records, surroundings);
  const faults = examined.flatMap((one) => (isSound(one) ? [] : one.faults));
  if (faults.length === 0) return examined.filter(isSound).map((one) => one.environment);
  const names = [...new Set(faults.map((fault) => fault.environment))];
  throw refusalOf(names.join(', '), faults, surroundings);
}

/**
 * One environment, sound. Faults of others do not matter.
 *
 * @throws Failure when there is none of that name, or with every fault of it
 */
export function loadEnvironment(
  name: string,
  records: readonly EnvironmentRecord[],
  surroundings: Surroundings,
): Environment {
  const found = examineEnvironments(records, surroundings).find((one) => one.name === name);
  if (found === undefined) throw unknownEnvironment(name, records);
  if (isSound(found)) return found.environment;
  throw refusalOf(name, found.faults, surroundings);
}

/**
 * One environment as it is written down, or as the sandbox plays it. Locks, keys and the project do not matter, nor
 * whether its fields are sound: for those who only need to know which environment is meant.
 *
 * @throws Failure when there is none of that name, or when it is no part of the sandbox
 */
export function loadRecord(
  name: string,
  records: readonly EnvironmentRecord[],
  surroundings: Surroundings,
): EnvironmentRecord {
  const record = records.find((one) => one.name === name);
  if (record === undefined) throw unknownEnvironment(name, records);
  const { sandbox } = surroundings;
  if (sandbox === undefined) return record;
  const by = sandbox.overrides.environments[name];
  if (by === undefined) throw refusalOf(name, [notPlayed(name, sandbox)], surroundings);
  return overridden(record, by);
}

const unknownEnvironment = (name: string, records: readonly EnvironmentRecord[]): Failure =>
  new Failure({
    what: `there is no environment "${name}"; there are: ${records.map((record) => record.name).join(', ')}`,
    next: 'use one of these, or add a record to stacks/environments.ts',
    exitCode: ExitCode.usage,
  });
