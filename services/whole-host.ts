import { Bytes, checkHost } from '../compose';
import { ExitCode, Failure } from '../foundation/failure';
import { edgeProject, type EdgeProps } from './edge/edge';
import { app } from './app-contract';
import { copiedVolumes } from './copies/service';
import { hostLayout } from './host-layout';
import { receiverProject, type ReceiverProps } from './receiver/receiver';
import { runtimeProject, type RuntimeProps } from './runtime/runtime';
import { sourcecredProject, type SourcecredProps } from './sourcecred/sourcecred';

/** What runs on one host. */
export interface WholeHost {
  /** @default - somebody else's: nothing of it is known */
  readonly edge?: EdgeProps;
  /** `hostGibibytes` says how much memory the host has; without it there is no telling whether all of it fits. */
  readonly runtime: RuntimeProps;
  /** `apart`: there is one that is not held against the others. Its volume counts as there. @default - there is none */
  readonly sourcecred?: SourcecredProps | 'apart';
  /** What receives the log of other environments there. @default - nothing */
  readonly receivers?: readonly ReceiverProps[];
}

/** What the system, Docker and a person who looks at the host need. */
const forTheSystem = Bytes.mebibytes(512);

/**
 * Holds all projects of a host against each other: ports, names on shared networks, and whether their memory fits into
 * the machine together, with both versions of the application that a deploy has side by side.
 *
 * @param environment whose host it is, for the message
 * @throws Failure with every fault (exit code 3)
 */
export function requireFit(
  environment: string,
  { edge, runtime, sourcecred, receivers = [] }: WholeHost,
): void {
  const projects = [
    ...(edge ? [edgeProject(edge)] : []),
    runtimeProject(runtime),
    ...(sourcecred && sourcecred !== 'apart' ? [sourcecredProject(sourcecred)] : []),
    ...receivers.map(receiverProject),
  ];
  const slots = Object.values(app.slots).map(({ service }): string => service);
  const version = projects.flatMap(({ services }) => services).find(({ name }) => slots.includes(name));
  const { hostGibibytes } = runtime;
  const faults = checkHost({
    projects,
    reservedMemory: forTheSystem,
    elsewhere: {
      // The bootstrap makes it.
      networks: [hostLayout.network],
      // Where the edge is somebody else's, so is its volume.
      volumes: [
        ...(edge ? [] : [copiedVolumes.edge]),
        ...(sourcecred === 'apart' ? [copiedVolumes.sourcecred] : []),
      ],
    },
    ...(hostGibibytes === undefined ? {} : { memory: Bytes.gibibytes(hostGibibytes) }),
    // The next version starts beside the one that serves when the jobs have ended.
    ...(version ? { transientMemory: version.props.memory } : {}),
  });
  if (faults.length === 0) return;
  throw new Failure({
    what: `what runs on the host of ${environment} does not fit together`,
    faults: faults.map(({ code, message }) => `${message} (${code})`),
    state: 'nothing was changed',
    next: `in stacks/environments.ts: a larger host.plan, less runtime.memory for a service, or one service less${receivers.length === 0 ? '' : ' (the log of another environment may be received elsewhere: archive.receiver)'}; then ./cogni render ${environment}`,
    exitCode: ExitCode.refused,
  });
}
