import { load } from 'js-yaml';
import { declarationOf, isSettingName } from '../../services/settings/catalogue';

/** A service of a Compose file that runs for good. */
export interface LastingService {
  readonly name: string;
  /** As it stands there; empty where none is named. */
  readonly image: string;
  /** Names that the networks of its container have on a host; undefined where it has those of another container. */
  readonly networks: readonly string[] | undefined;
}

/** What a Compose file makes of a host. */
export interface RenderedCompose {
  readonly services: readonly LastingService[];
  /** Networks that those services need, by their names on a host. */
  readonly networks: readonly { readonly name: string; readonly external: boolean }[];
}

interface ServiceEntry {
  readonly image?: string;
  readonly profiles?: readonly string[];
  readonly networks?: Readonly<Record<string, unknown>> | readonly string[];
  readonly network_mode?: string;
}

interface ComposeFile {
  readonly services?: Readonly<Record<string, ServiceEntry>>;
  readonly networks?: Readonly<
    Record<string, { readonly name?: string; readonly external?: boolean } | null>
  >;
}

/** The file of a project among its files; empty where there is none. */
export const composeText = (files: readonly { readonly path: string; readonly content: string }[]): string =>
  files.find(({ path }) => path === 'compose.yaml')?.content ?? '';

/** Reads a Compose file as it was rendered. What has a profile is a job: it is gone when it has ended, and is left out. */
export function renderedCompose(project: string, text: string): RenderedCompose {
  const { services = {}, networks = {} } = (load(text) ?? {}) as ComposeFile;
  const onHost = (key: string): string => networks[key]?.name ?? `${project}_${key}`;
  const lasting = Object.entries(services).filter(([, { profiles = [] }]) => profiles.length === 0);
  const used = new Set(lasting.flatMap(([, entry]) => keysOf(entry)));
  return {
    services: lasting.map(([name, entry]) => ({
      name,
      image: entry.image ?? '',
      networks: networksOf(entry, onHost),
    })),
    networks: Object.entries(networks)
      .filter(([key]) => used.has(key))
      .map(([key, network]) => ({ name: onHost(key), external: network?.external ?? false })),
  };
}

const keysOf = ({ networks = {} }: ServiceEntry): readonly string[] =>
  Array.isArray(networks) ? (networks as string[]) : Object.keys(networks);

/** Without any, Compose puts a service into the project's own network `default` (Compose specification, "networks"). */
function networksOf(entry: ServiceEntry, onHost: (key: string) => string): readonly string[] | undefined {
  const { network_mode: mode } = entry;
  if (mode !== undefined) return mode.includes(':') ? undefined : [mode];
  const keys = keysOf(entry);
  return (keys.length === 0 ? ['default'] : keys).map(onHost);
}

/** Names of the settings that a Compose file cannot be started without: `${NAME:?…}`. */
export const requiredSettings = (text: string): readonly string[] =>
  [...new Set([...text.matchAll(/(?<!\$)\$\{([A-Z][A-Z0-9_]*):\?/g)].map(([, each = '']) => each))].sort();

/**
 * Names under which containers get secrets: `POSTGRES_PASSWORD: ${POSTGRES_ROOT_PASSWORD:?…}` in a Compose file as it was
 * rendered, and the option of pgBackRest's configuration files that such a name stands for (its documentation, "Command Line
 * Options", environment variables).
 */
export const secretVariables = (text: string): readonly string[] =>
  [...text.matchAll(/^ *["']?([A-Za-z_]\w*)["']?: ["']?\$\{(\w+):\?/gm)].flatMap(
    ([, name = '', setting = '']) => {
      if (!isSettingName(setting) || declarationOf(setting).kind !== 'secret') return [];
      const option = /^PGBACKREST_(\w+)$/.exec(name)?.[1]?.toLowerCase().replaceAll('_', '-');
      return option === undefined ? [name] : [name, option];
    },
  );
