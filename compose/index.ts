/** Typed Docker Compose: projects as constructs, checked references, and files that are the same on every run. */
export { Bytes } from './bytes';
export { check, rules } from './check';
export { ConfigFolder, type ConfigFile } from './config-folder';
export { whenCompleted, whenHealthy, whenStarted, type Dependency } from './dependency';
export { Duration } from './duration';
export { CompositionError, type Fault } from './fault';
export { Healthcheck, type HealthcheckProps } from './healthcheck';
export { Logging } from './logging';
export { mountFolder, mountHostDirectory, mountVolume, tmpfs, type Mount } from './mount';
export { ExternalNetwork, Network, type Attachment, type NetworkProps } from './network';
export { OneShot } from './one-shot';
export { Port, type PortProps } from './port';
export { Project, type ProjectProps } from './project';
export {
  PassThrough,
  PlainReference,
  SecretReference,
  text,
  type EnvironmentValue,
  type Image,
  type ImageDigest,
  type Text,
  type Value,
} from './reference';
export type { Rule } from './rules/rule';
export { Service, type ServiceProps } from './service';
export { synthesize, variables, type ProjectFile } from './synthesize';
export type { VariableUse } from './tree';
export { Volume, type VolumeProps } from './volume';
export type { Workload, WorkloadProps } from './workload';
