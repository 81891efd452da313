import type { Duration } from '../duration';
import { pathOf, type FileReference } from '../file-reference';
import { renderHook, type Hook } from '../hook';
import type { EnvironmentValue, Value } from '../reference';
import { orNone, type Mapping } from '../tree';

/** A file of `NAME=value` lines for the container's environment. */
export interface EnvironmentFile {
  readonly file: FileReference;
  /** Whether Compose stops when it is not there. @default true */
  readonly required?: boolean;
  /** `raw` takes every line as it is, without quotes and references. @default - Compose's own format */
  readonly format?: 'raw';
}

/** The program in the container, and what it finds there. */
export interface ProcessProps {
  /** Replaces the image's entrypoint; an empty list takes it away. @default - the image's */
  readonly entrypoint?: readonly Value[];
  /** Replaces the image's command; an empty list takes it away. @default - the image's */
  readonly command?: readonly Value[];
  /** Only what it needs: beside {@link Secret}, the one place that takes secrets. @default - none */
  readonly environment?: { readonly [name: string]: EnvironmentValue };
  /** Files with more of it; `environment` wins. @default - none */
  readonly environmentFiles?: readonly (FileReference | EnvironmentFile)[];
  /** @default - the image's */
  readonly workingDirectory?: Value;
  /** User (and group) that it runs as. @default - the image's */
  readonly user?: Value;
  /** Further groups, by name or number. @default - none */
  readonly groups?: readonly (string | number)[];
  /** A small init process that passes signals on and reaps children. @default false */
  readonly init?: boolean;
  /** Keep standard input open. @default false */
  readonly interactive?: boolean;
  /** Give it a terminal. @default false */
  readonly terminal?: boolean;
  /** Time between being asked to stop and being killed: as long as its longest request. @default - Docker's 10 s */
  readonly stopGrace?: Duration;
  /** The signal that asks it to stop. @default - the image's, or SIGTERM */
  readonly stopSignal?: `SIG${string}`;
  /** Commands that run in it once it has started. @default - none */
  readonly afterStart?: readonly Hook[];
  /** Commands that run in it before it is asked to stop. @default - none */
  readonly beforeStop?: readonly Hook[];
}

/** The entries of {@link ProcessProps}. */
export const renderProcess = (props: ProcessProps): Mapping => ({
  entrypoint: props.entrypoint,
  command: props.command,
  working_dir: props.workingDirectory,
  user: props.user,
  group_add: orNone(props.groups),
  init: props.init ? true : undefined,
  stdin_open: props.interactive ? true : undefined,
  tty: props.terminal ? true : undefined,
  stop_grace_period: props.stopGrace?.toString(),
  stop_signal: props.stopSignal,
  environment: orNone(props.environment),
  env_file: orNone(props.environmentFiles?.map(renderEnvironmentFile)),
  post_start: orNone(props.afterStart?.map(renderHook)),
  pre_stop: orNone(props.beforeStop?.map(renderHook)),
});

/** The file behind either way of naming it. */
export const environmentFileOf = (entry: FileReference | EnvironmentFile): EnvironmentFile =>
  typeof entry === 'object' && 'file' in entry ? entry : { file: entry };

function renderEnvironmentFile(entry: FileReference | EnvironmentFile): Mapping {
  const { file, required, format } = environmentFileOf(entry);
  return { path: pathOf(file), required: required === false ? false : undefined, format };
}
