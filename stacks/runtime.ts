import { gibibytesOf } from '../infra/cherry-catalogue';
import { memoryProp, memoryProps } from '../services/memory-limits';
import {
  imageReference,
  settingsNeededBy,
  type ImageLock,
  type RuntimeProps,
  type SettingName,
} from '../services';
import type { Environment, EnvironmentRecord } from './environment';
import { dataArchiveOf } from './rehearsal';

/**
 * What an environment's runtime is rendered from: its record, and the images that the lock pins.
 *
 * @throws Failure when an image that it runs has no digest yet
 */
export const runtimePropsOf = (environment: Environment, lock: ImageLock): RuntimeProps =>
  propsWith(environment, (name) => imageReference(lock, name));

/** The settings that have to be handed in for an environment: those of the services that its record asks for. */
export const settingsNeededFor = (record: EnvironmentRecord): readonly SettingName[] => [
  ...settingsNeededBy(propsWith(record, () => nothingToRun)),
  ...(record.sourcecred === undefined ? [] : (['SOURCECRED_GITHUB_TOKEN'] as const)),
];

/** Which settings services read does not depend on their images, which may not have been looked up yet. */
const nothingToRun: RuntimeProps['images']['postgres'] = `none.invalid/none@sha256:${'0'.repeat(64)}`;

function propsWith(
  {
    name,
    host,
    runtime,
    archive,
    rehearses,
    sourcecred,
  }: Pick<EnvironmentRecord, 'name' | 'host' | 'runtime' | 'archive' | 'sourcecred'> &
    Pick<Environment, 'rehearses'>,
  image: (name: 'postgres' | 'litellm' | 'alloy') => RuntimeProps['images']['postgres'],
): RuntimeProps {
  const { memory } = runtime;
  // A rehearsal runs the very server that the data come from, and archives nothing.
  const server = dataArchiveOf({ ...(archive && { archive }), ...(rehearses && { rehearses }) })?.image;
  const hostGibibytes = host.kind === 'cherry' ? gibibytesOf(host.plan) : undefined;
  return {
    ...(hostGibibytes === undefined ? {} : { hostGibibytes }),
    images: {
      postgres: server === undefined ? image('postgres') : (server as RuntimeProps['images']['postgres']),
    },
    ...(archive ? { archive } : {}),
    ...(sourcecred ? { sourcecred: true } : {}),
    ...(runtime.litellm === 'off'
      ? {}
      : {
          litellm: {
            image: image('litellm'),
            database: runtime.litellm === 'with-database',
            ...memoryProp(memory, 'litellm'),
          },
        }),
    ...(runtime.alloy
      ? { alloy: { image: image('alloy'), environment: name, ...memoryProp(memory, 'alloy') } }
      : {}),
    memory: memoryProps(memory, 'app', 'postgres'),
  };
}
