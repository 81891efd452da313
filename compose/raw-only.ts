/** A key of the Compose specification that has no property in this library, and why: it is written with `raw`. */
export interface RawOnlyKey {
  /** Where it stands: `services.*.links`. */
  readonly key: string;
  readonly why: string;
}

const deprecated = 'deprecated: the name stands beside `external`, where External… classes write it';
const windows = 'only containers of Windows know it';

/** Everything that only `raw` can write. All other keys of the specification have a property. */
export const rawOnly: readonly RawOnlyKey[] = [
  {
    key: 'include',
    why: 'a project is made of constructs: a function that adds some is an include with types',
  },
  { key: 'version', why: 'obsolete: Compose ignores it and says so' },
  { key: 'configs.*.external.name', why: deprecated },
  { key: 'networks.*.external.name', why: deprecated },
  { key: 'secrets.*.external.name', why: deprecated },
  { key: 'volumes.*.external.name', why: deprecated },
  { key: 'services.*.build.isolation', why: windows },
  { key: 'services.*.cpu_count', why: windows },
  { key: 'services.*.cpu_percent', why: windows },
  { key: 'services.*.credential_spec', why: windows },
  { key: 'services.*.extends', why: 'a function that returns props is an extends with types' },
  {
    key: 'services.*.external_links',
    why: 'superseded by networks: an ExternalNetwork reaches other projects',
  },
  { key: 'services.*.isolation', why: windows },
  {
    key: 'services.*.links',
    why: 'superseded by networks: services reach each other by name, aliases by Network.as',
  },
  {
    key: 'services.*.provider',
    why: 'a service without a container, run by a plugin of the machine at hand',
  },
  {
    key: 'services.*.pull_refresh_after',
    why: 'Compose does not read it; pullPolicy takes every_<duration>',
  },
  { key: 'services.*.tmpfs', why: 'the same as a mount made by tmpfs(), without its size' },
  { key: 'services.*.volumes_from', why: "takes over another service's mounts unseen: name them" },
];
