/** Typed Docker Compose: projects as constructs, checked references, and files that are the same on every run. */
export type { Allowance, Power } from './allowance';
export type { BlockIo } from './block-io';
export { Build, type BuildContext, type BuildProps, type Dockerfile } from './build';
export { Bytes } from './bytes';
export { check, checkHost, rules } from './check';
export { Config, ExternalConfig, type ConfigProps, type ConfigSource } from './config';
export { ConfigFolder, type ConfigFile } from './config-folder';
export { configHashLabel } from './config-hash';
export { whenCompleted, whenHealthy, whenStarted, type Dependency, type DependencyProps } from './dependency';
export type { Deployment, RollingProps } from './deployment';
export type { Watch } from './develop';
export type { Device, DeviceRequest } from './device';
export { Duration } from './duration';
export type { ExtraHosts } from './extra-hosts';
export { CompositionError, type Fault } from './fault';
export { ForeignFile, type FileReference } from './file-reference';
export type { Elsewhere, Grant, Grantable, GrantProps } from './grant';
export type { Handle } from './handle';
export { Healthcheck, type HealthcheckProps } from './healthcheck';
export type { Hook } from './hook';
export type { Host } from './host';
export { Logging, type LogFiles, type RemoteLogDriver } from './logging';
export { Model, type ModelProps, type ModelUse } from './model';
export {
  mountFolder,
  mountHostDirectory,
  mountImage,
  mountVolume,
  tmpfs,
  type FolderMount,
  type HostMount,
  type HostMountProps,
  type ImageMount,
  type Mount,
  type Tmpfs,
  type VolumeMount,
  type VolumeMountProps,
} from './mount';
export {
  ExternalNetwork,
  Network,
  type Attachment,
  type AttachmentProps,
  type NetworkProps,
  type Subnet,
} from './network';
export { OneShot } from './one-shot';
export { Port, type PortProps, type PortRange } from './port';
export { Profile } from './profile';
export { Project, type ProjectProps } from './project';
export { raw, type Raw } from './raw';
export { rawOnly, type RawOnlyKey } from './raw-only';
export {
  DefaultedReference,
  ImageReference,
  PassThrough,
  PlainReference,
  SecretReference,
  Text,
  text,
  type EnvironmentValue,
  type Image,
  type ImageDigest,
  type NoText,
  type SecretVariable,
  type Value,
  type Values,
} from './reference';
export { reportOf, type Report } from './report';
export type { Breach, Rule } from './rules/rule';
export { ExternalSecret, Secret, type SecretProps, type SecretSource } from './secret';
export { Service, type Health, type ServiceProps } from './service';
export { synthesize, variables, type ProjectFile } from './synthesize';
export type { Mapping, Node, OpenMapping, VariableUse } from './tree';
export type { Ulimits } from './ulimit';
export { ExternalVolume, Volume, type VolumeProps } from './volume';
export type { Workload, WorkloadProps } from './workload';
export type { IsolationProps } from './workload/isolation';
export type { ExposedPort, NetworkingProps, SharedNetwork } from './workload/networking';
export type { PlatformProps } from './workload/platform';
export type { EnvironmentFile, ProcessProps } from './workload/process';
export type { ResourceProps } from './workload/resources';
