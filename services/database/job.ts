import {
  Bytes,
  ConfigFolder,
  mountFolder,
  mountVolume,
  OneShot,
  tmpfs,
  type Dependency,
  type ImageDigest,
  type Network,
  type Project,
  type Volume,
} from '../../compose';
import { plainSetting, secretSetting } from '../settings/references';
import { clusterSql, databaseSql, provisionScript } from './provision';
import { dataFolder, socketFolder } from './server';

export interface ProvisionJobProps<Owner extends string> {
  /** The server's own image, by digest: its `psql` is the one that fits. */
  readonly image: ImageDigest;
  readonly profiles: readonly string[];
  /** Holds the server's socket, through which the administrator is let in. */
  readonly socket: Volume<Owner>;
  /** Where the server can be reached as the applications reach it. */
  readonly networks: readonly Network<Owner>[];
  readonly dependsOn: readonly Dependency<Owner>[];
}

/** Adds the job that brings roles, databases and privileges to what the model says. It is run on every deploy. */
export function addProvision<Owner extends string>(
  project: Project<Owner>,
  name: string,
  { image, profiles, socket, networks, dependsOn }: ProvisionJobProps<Owner>,
): OneShot<Owner> {
  const scripts = new ConfigFolder(project, name, [
    { path: 'provision.sh', content: provisionScript, mode: 0o755 },
    { path: 'cluster.sql', content: clusterSql },
    { path: 'database.sql', content: databaseSql },
  ]);
  return new OneShot(project, name, {
    image,
    profiles,
    entrypoint: ['/bin/sh', '/provision/provision.sh'],
    user: 'postgres',
    readOnly: true,
    capabilities: [],
    memory: Bytes.mebibytes(128),
    networks,
    mounts: [
      mountFolder(scripts, '/provision'),
      mountVolume(socket, socketFolder),
      // The image declares a volume here: without this every run would leave an anonymous one behind.
      tmpfs(dataFolder, Bytes.mebibytes(1)),
    ],
    dependsOn,
    environment: {
      POSTGRES_ROOT_USER: plainSetting('POSTGRES_ROOT_USER'),
      POSTGRES_ROOT_PASSWORD: secretSetting('POSTGRES_ROOT_PASSWORD'),
      OWNER_DB_USER: plainSetting('OWNER_DB_USER'),
      OWNER_DB_PASSWORD: secretSetting('OWNER_DB_PASSWORD'),
      APP_DB_USER: plainSetting('APP_DB_USER'),
      APP_DB_PASSWORD: secretSetting('APP_DB_PASSWORD'),
      APP_DB_NAME: plainSetting('APP_DB_NAME'),
    },
  });
}
