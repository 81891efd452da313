import { Failure, messageOf } from '../foundation/failure';
import type { Receiver } from '../services';
import type { EnvironmentRecord } from './environment';

/** What the sandbox puts in place of the world, for each environment it plays: the file `<sandbox>/sandbox.json`. */
export interface SandboxOverrides {
  readonly version: 1;
  readonly environments: Readonly<Record<string, SandboxEnvironment>>;
}

export interface SandboxEnvironment {
  /** Host name in the sandbox's zone. */
  readonly domain: string;
  /** @default false */
  readonly www?: boolean;
  /** Number of a project that the emulator has. */
  readonly projectId: number;
  /** Path of a public key. */
  readonly deployKeyFile: string;
  /** URL of the sandbox's certificate authority. */
  readonly acmeDirectory: string;
  /** Path of the lock of the images that the sandbox's registry has. */
  readonly imageLockFile: string;
  /** Where our own images are in the sandbox's registry. */
  readonly imageRepository: string;
  /** Folder of the state files. */
  readonly stateFolder: string;
  /** One of the record's `runtime.litellm`. @default 'off': its image takes a while to be built */
  readonly litellm?: string;
  /** Whether there is an image of Alloy. @default false */
  readonly alloy?: boolean;
  /** What a record's `archive` becomes, where it has one: all four of them. @default - it has none */
  readonly archiveEndpoint?: string;
  readonly archiveBucket?: string;
  readonly archiveRegion?: string;
  /** PostgreSQL with pgBackRest, by digest, in the sandbox's registry. */
  readonly archiveImage?: string;
  /**
   * Whether the record's own `plans` hold, as where one machine plans and another applies. @default false: the sandbox signs and
   * opens its plans with keys of its own
   */
  readonly recordPlans?: boolean;
  /**
   * Recipients of age, separated by commas: the environment is archived, whatever its record says, with portable copies for them.
   * @default - as its record says
   */
  readonly archiveRecipients?: string;
  /**
   * Who receives the log of an archived environment, as `<user>@<address> <type of host key> <base64 of it>`. The sandbox has no receiver:
   * a test that needs one, or needs that one does not answer, writes it into the file.
   * @default - as its record says
   */
  readonly archiveReceiver?: string;
}

type Kind = 'string' | 'number' | 'boolean';

const fields: Readonly<Record<keyof SandboxEnvironment, { readonly kind: Kind; readonly optional?: true }>> =
  {
    domain: { kind: 'string' },
    www: { kind: 'boolean', optional: true },
    projectId: { kind: 'number' },
    deployKeyFile: { kind: 'string' },
    acmeDirectory: { kind: 'string' },
    imageLockFile: { kind: 'string' },
    imageRepository: { kind: 'string' },
    stateFolder: { kind: 'string' },
    litellm: { kind: 'string', optional: true },
    alloy: { kind: 'boolean', optional: true },
    archiveEndpoint: { kind: 'string', optional: true },
    archiveBucket: { kind: 'string', optional: true },
    archiveRegion: { kind: 'string', optional: true },
    archiveImage: { kind: 'string', optional: true },
    recordPlans: { kind: 'boolean', optional: true },
    archiveRecipients: { kind: 'string', optional: true },
    archiveReceiver: { kind: 'string', optional: true },
  };

/** Which field of a record each override stands for: where a fault of the merged record comes from. */
export const overriddenFields: Readonly<Record<string, keyof SandboxEnvironment>> = {
  domain: 'domain',
  'host.project': 'projectId',
  'host.deployKeyFile': 'deployKeyFile',
  'acme.directory': 'acmeDirectory',
  imageRepository: 'imageRepository',
  state: 'stateFolder',
  'runtime.litellm': 'litellm',
  archive: 'archiveEndpoint',
};

/**
 * Reads `sandbox.json`. Checked by hand rather than with a schema library: this runs at every synth, where loading one
 * would be a fifth of the time.
 *
 * @param where the file, for the message
 * @throws Failure with every fault
 */
export function parseSandboxOverrides(json: string, where: string): SandboxOverrides {
  let data: unknown;
  try {
    data = JSON.parse(json);
  } catch (cause) {
    throw unusable(where, [messageOf(cause)]);
  }
  const faults = overridesFaults(data);
  if (faults.length > 0) throw unusable(where, faults);
  return data as SandboxOverrides;
}

const unusable = (where: string, faults: readonly string[]): Failure =>
  new Failure({
    what: `the sandbox's ${where} cannot be used`,
    faults,
    next: './cogni sandbox up    (writes it again)',
  });

function overridesFaults(data: unknown): readonly string[] {
  if (!isObject(data)) return ['it is not an object'];
  const { version, environments, ...rest } = data;
  const unknown = Object.keys(rest).map((key) => `${key} is not known; allowed: version, environments`);
  if (version !== 1)
    return [...unknown, `version is ${JSON.stringify(version)}; this checkout reads version 1`];
  if (!isObject(environments)) return [...unknown, 'environments is not an object'];
  return [
    ...unknown,
    ...Object.entries(environments).flatMap(([name, value]) => environmentFaults(name, value)),
  ];
}

function environmentFaults(name: string, data: unknown): readonly string[] {
  const at = `environments.${name}`;
  if (!isObject(data)) return [`${at} is not an object`];
  const unknown = Object.keys(data).filter((key) => !Object.hasOwn(fields, key));
  return [
    ...unknown.map((key) => `${at}.${key} is not known; allowed: ${Object.keys(fields).join(', ')}`),
    ...Object.entries(fields).flatMap(([key, { kind, optional }]) => {
      const value = data[key];
      if (value === undefined) return optional ? [] : [`${at}.${key} is missing`];
      return typeof value === kind && value !== ''
        ? []
        : [`${at}.${key} is ${JSON.stringify(value)}, not a ${kind}`];
    }),
  ];
}

const isObject = (data: unknown): data is Readonly<Record<string, unknown>> =>
  typeof data === 'object' && data !== null && !Array.isArray(data);

/** A record as the sandbox plays it. Only a rented host can be played: one that exists already is nobody's to make. */
export function overridden(record: EnvironmentRecord, by: SandboxEnvironment): EnvironmentRecord {
  const others = { ...record };
  // No registry of the sandbox has a runner of SourceCred.
  Reflect.deleteProperty(others, 'sourcecred');
  Reflect.deleteProperty(others, 'archive');
  if (!by.recordPlans) Reflect.deleteProperty(others, 'plans');
  return {
    ...others,
    ...archiveOf(record, by),
    domain: by.domain,
    www: by.www ?? false,
    imageRepository: by.imageRepository,
    acme: { ...record.acme, directory: by.acmeDirectory },
    state: { kind: 'local', folder: by.stateFolder },
    runtime: {
      litellm: (by.litellm ?? 'off') as EnvironmentRecord['runtime']['litellm'],
      alloy: by.alloy ?? false,
    },
    host:
      record.host.kind === 'cherry'
        ? { ...record.host, project: by.projectId, deployKeyFile: by.deployKeyFile }
        : record.host,
  };
}

/** A record's own archive, at the place that the sandbox has for it: no archive of a real environment is ever written to. */
function archiveOf(
  { archive }: EnvironmentRecord,
  {
    archiveEndpoint,
    archiveBucket,
    archiveRegion,
    archiveImage,
    archiveRecipients,
    archiveReceiver,
  }: SandboxEnvironment,
): Pick<EnvironmentRecord, 'archive'> {
  const wanted =
    archiveRecipients === undefined
      ? archive
      : { keep: { daily: 7 }, ...archive, copies: { recipients: archiveRecipients.split(',') } };
  if (wanted === undefined || archiveEndpoint === undefined) return {};
  return {
    archive: {
      ...wanted,
      endpoint: archiveEndpoint,
      bucket: archiveBucket ?? '',
      region: archiveRegion ?? '',
      image: archiveImage ?? '',
      ...(archiveReceiver === undefined ? {} : { receiver: receiverIn(archiveReceiver) }),
    },
  };
}

/** What is malformed in it is a fault of the merged record. */
function receiverIn(text: string): Receiver {
  const [, user = '', address = '', hostKey = ''] = /^([^@ ]*)@(\S*) (.*)$/.exec(text) ?? [];
  return { user, address, hostKey };
}
