import {
  Bytes,
  ConfigFolder,
  mountFolder,
  mountVolume,
  OneShot,
  PassThrough,
  tmpfs,
  type Dependency,
  type EnvironmentValue,
  type ImageDigest,
  type Network,
  type Profile,
  type Project,
  type Volume,
} from '../../compose';
import { jobShares } from '../processor-shares';
import { plainSetting, secretSetting } from '../settings/references';
import { databaseModel, receivedModel, variablesOf, type ModelVariable } from './model';
import { provisionFiles } from './provision';
import { database, dataFolder, imageVolumes, socketFolder } from './server';

export interface ProvisionJobProps<Owner extends string> {
  /** The server's own image, by digest: its `psql` is the one that fits. */
  readonly image: ImageDigest;
  readonly profiles: readonly Profile<Owner>[];
  /** Whether a receiver fetches the log, for which there is then a role. */
  readonly received: boolean;
  /** Holds the server's socket, through which the administrator is let in. */
  readonly socket: Volume<Owner>;
  /** Where the server can be reached as the applications reach it. */
  readonly networks: readonly Network<Owner>[];
  readonly dependsOn: readonly Dependency<Owner>[];
}

/** Adds the job that makes roles, databases and privileges what {@link databaseModel} says. Every deploy that brings something new runs it. */
export function addProvision<Owner extends string>(
  project: Project<Owner>,
  name: string,
  { image, profiles, received, socket, networks, dependsOn }: ProvisionJobProps<Owner>,
): OneShot<Owner> {
  const model = received ? receivedModel : databaseModel;
  const scripts = new ConfigFolder(project, name, provisionFiles(model));
  return new OneShot(project, name, {
    image,
    profiles,
    entrypoint: ['/bin/bash', '/provision/provision.sh'],
    user: 'postgres',
    readOnly: true,
    capabilities: [],
    memory: Bytes.mebibytes(128),
    cpuShares: jobShares,
    maxProcesses: 64,
    networks,
    imageVolumes,
    mounts: [
      mountFolder(scripts, '/provision'),
      mountVolume(socket, socketFolder),
      // The image declares a volume here: without this every run would leave an anonymous one behind.
      tmpfs(dataFolder, Bytes.mebibytes(1)),
    ],
    dependsOn,
    environment: {
      POSTGRES_ROOT_USER: plainSetting('POSTGRES_ROOT_USER'),
      DB_HOST: database.host,
      DB_PORT: String(database.port),
      ...Object.fromEntries(variablesOf(model).map((variable) => [variable.name, reference(variable)])),
    },
  });
}

/** An optional one is handed on under its own name, or not at all. */
function reference(variable: ModelVariable): EnvironmentValue {
  // eslint-disable-next-line no-restricted-syntax -- the model's names are those of the catalogue (ModelVariable)
  if (variable.optional) return new PassThrough(variable.name, variable.kind === 'secret');
  return variable.kind === 'secret' ? secretSetting(variable.name) : plainSetting(variable.name);
}
