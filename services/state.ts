import { ExternalVolume, synthesize, Volume, type Project, type VolumeProps } from '../compose';
import type { RenderedFile } from './rendered-file';

/** What becomes of a volume's content when its host is gone. */
export const stateClasses = {
  /** It cannot be made again: the archive of the database or the portable copies hold it as well (docs/backup.md). */
  'backed-up': 'cannot be made again',
  /** Whoever uses it makes it again, at the price of time. */
  rebuildable: 'is made again by whoever uses it',
  /** Nobody misses it. */
  scratch: 'means nothing beyond the containers that share it',
} as const;
export type StateClass = keyof typeof stateClasses;

/**
 * A volume that says what its content is worth. The class is no label of the volume: Compose asks a person whether to make a
 * volume anew, without its data, when one of its labels has changed.
 */
export class StateVolume<Owner extends string = string> extends Volume<Owner> {
  readonly state: StateClass;
  /** What it is called on the host: known here, so that it can be asked for there. */
  readonly nameOnHost: string;

  constructor(
    project: Project<Owner>,
    name: string,
    { state, ...props }: VolumeProps & { readonly name: string; readonly state: StateClass },
  ) {
    super(project, name, props);
    this.state = state;
    this.nameOnHost = props.name;
  }
}

/**
 * Volumes that a project makes, by their names on the host, with their classes. One that it only reads is classified by the
 * project that makes it.
 *
 * @throws TypeError for one without a class
 */
export const statesOf = (project: Project): ReadonlyMap<string, StateClass> =>
  new Map(
    project.volumes.flatMap((volume) => {
      if (volume instanceof ExternalVolume) return [];
      if (volume instanceof StateVolume) return [[volume.nameOnHost, volume.state] as const];
      throw new TypeError(
        `the volume ${volume.name} of ${project.name} has no class: make it a StateVolume, and say with its state whether it is ${Object.keys(stateClasses).join(', ')}`,
      );
    }),
  );

/** The files of a project, all of whose volumes say what they are worth. @throws TypeError for one that does not */
export function synthesizeClassified(project: Project): readonly RenderedFile[] {
  statesOf(project);
  return synthesize(project);
}
