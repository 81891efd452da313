import { ExitCode, Failure } from '../../foundation/failure';
import { thirdPartyImages } from '../../services';
import type { ReleaseImages, ResolvedImage } from '../registry';
import { layout } from './layout';
import { isAccepted, movedTags, movedText } from './moved-tags';
import { prunableBefore } from './prune';
import { deployCommand, rollbackCommand, type DeployRequest } from './request';
import { diskNeed, shortage, type Room, type ToPull } from './room';
import type { HostFacts } from './survey';

/** Files of two images with their packages, and what must be left for everything else. */
const neededInodes = 50_000;

/**
 * Milliseconds between the clocks of this machine and the host. Releases are ordered by this machine's clock, whichever
 * machine deploys; the host's decides whether certificates and tokens are valid.
 */
const clockBound = 60_000;

/** What is wrong, and what to do about it. */
export interface Fault {
  readonly text: string;
  /** A person must decide: the run is refused, not failed. @default false */
  readonly decide?: boolean;
  /** The command that mends it. @default - mend it, and deploy again */
  readonly next?: string;
}

export interface Preflight {
  readonly facts: HostFacts;
  readonly images: ReleaseImages;
  /** What is pulled where it is not there: ours, and of others' at least those that the host lacks. */
  readonly pulled: readonly ToPull[];
  readonly request: DeployRequest;
  /** When the deploy begins. */
  readonly at: Date;
  /** What is wrong with the signatures of its images. @default - they were not looked at */
  readonly signatureFaults?: readonly string[];
  /** Id of the recorded release that it goes back to: its tags are not looked up, and cannot have moved. @default - it goes forward */
  readonly backTo?: string;
  /** The host, for people. */
  readonly where: string;
}

/**
 * Refuses a host that cannot take the release, before anything on it is changed.
 *
 * @returns what must be removed first, where too little is free and something lies there that nobody goes back to
 * @throws Failure with every fault; exit code 3 as soon as one of them is for a person to decide.
 */
export function requireReady(preflight: Preflight): Room | undefined {
  const { request, where } = preflight;
  const room = roomFor(preflight);
  const faults = [
    ...hostFaults(preflight),
    ...(room ? [] : spaceFaults(preflight)),
    ...diskFaults(preflight),
    ...platformFaults(preflight),
    ...clockFaults(preflight),
    ...foreignFaults(preflight),
    ...signingFaults(preflight),
    ...(preflight.backTo !== undefined ? [] : tagFaults(preflight)),
  ];
  if (faults.length === 0) return room;
  throw new Failure({
    what: `${where} cannot take ${request.tag}`,
    faults: faults.map(({ text }) => text),
    next: faults.find(({ next }) => next !== undefined)?.next ?? `mend that, then ${again(preflight)}`,
    exitCode: faults.some(({ decide }) => decide) ? ExitCode.refused : ExitCode.failed,
  });
}

/** The command that runs the same again. */
const again = ({ request, backTo }: Preflight): string =>
  backTo === undefined ? deployCommand(request) : rollbackCommand(request, backTo);

function hostFaults(preflight: Preflight): readonly Fault[] {
  const { facts, request } = preflight;
  const { environment } = request;
  const { edge } = facts;
  const log = `docker compose --project-name=${layout.edge.project} logs --tail=50 ${layout.edge.service}`;
  return [
    ...(facts.bootstrapped
      ? []
      : [
          {
            text: 'its bootstrap has not ended well',
            decide: true,
            next: `./cogni host wait ${environment}`,
          },
        ]),
    // One that has just been started is asked by the proofs of the deploy itself.
    ...(edge === 'healthy' || edge === 'starting'
      ? []
      : [
          {
            text: `its edge is ${edge}`,
            next:
              edge === 'not running'
                ? `./cogni host converge ${environment}`
                : `on the host, "${log}" says why it is not; mend that, then ${again(preflight)}`,
          },
        ]),
    ...facts.unreadable
      .filter(({ is }) => is === 'newer')
      .map(({ id }) => ({
        text: `a newer ./cogni has recorded ${id} there, which this one cannot read`,
        decide: true,
        next: `update this checkout to the one that deployed last, then ${again(preflight)}`,
      })),
  ];
}

function roomFor({ facts, request, images, pulled, backTo }: Preflight): Room | undefined {
  const { bytes: needed } = diskNeed(pulled, facts);
  if (facts.freeBytes >= needed) return undefined;
  // No migration runs on the way back.
  const ours =
    backTo !== undefined ? [images.app.reference] : [images.app.reference, images.migrator.reference];
  const others = Object.values(thirdPartyImages(request.runtime));
  const unneeded = prunableBefore({ request, facts }, [...ours, ...others]);
  return unneeded.length === 0 ? undefined : { needed, images: unneeded };
}

function spaceFaults({ facts, pulled }: Preflight): readonly Fault[] {
  const text = shortage(diskNeed(pulled, facts), facts.freeBytes);
  return text === undefined ? [] : [{ text }];
}

function diskFaults({ facts }: Preflight): readonly Fault[] {
  const { freeInodes } = facts;
  return [
    ...(freeInodes === undefined || freeInodes >= neededInodes
      ? []
      : [
          `the file system of its images has ${freeInodes} free inodes, and a release needs ${neededInodes}: many small files fill it, however much space is left`,
        ]),
    ...(facts.imagesReadOnly ? ['the file system of its images is mounted read-only'] : []),
    ...facts.unwritable.map(
      (folder) =>
        `${folder} cannot be written to: it is not there, not the deploy user's, or on a read-only file system`,
    ),
  ].map((text) => ({ text }));
}

const platformFaults = ({ facts, images }: Preflight): readonly Fault[] =>
  (['app', 'migrator'] as const)
    .filter((name) => !fits(images[name], facts.platform))
    .map((name) => ({
      text: `it is ${facts.platform}, and the image of the ${name} is for ${images[name].platforms.join(', ')}`,
    }));

const fits = ({ platforms }: ResolvedImage, platform: string): boolean =>
  platforms.length === 0 || platforms.includes(platform);

function clockFaults({ facts, at }: Preflight): readonly Fault[] {
  const { clockAhead } = facts;
  const [last] = facts.recorded;
  return [
    ...(clockAhead === undefined
      ? [{ text: 'its clock could not be read' }]
      : Math.abs(clockAhead) <= clockBound
        ? []
        : [
            {
              text: `its clock is ${Math.round(Math.abs(clockAhead) / 1000)} s ${clockAhead > 0 ? 'ahead of' : 'behind'} this machine's: releases are ordered by the one, certificates and tokens are valid by the other, and at most ${clockBound / 1000} s between them is taken`,
              decide: true,
              next: 'see with "timedatectl" on both which of them is wrong, and let it be set from the network; then the same command',
            },
          ]),
    ...(last === undefined || Date.parse(last.at) <= at.getTime()
      ? []
      : [
          {
            text: `${last.id} was recorded there at ${last.at}, which is later than this machine's clock (${at.toISOString()}): a release of now would be listed before it`,
            decide: true,
          },
        ]),
  ];
}

const foreignFaults = (preflight: Preflight): readonly Fault[] =>
  preflight.facts.strangers.map(({ name, image }) => ({
    text: `the container ${name} (of ${image}) has a name of ours and was not made by a deploy: it is left alone`,
    decide: true,
    next: `on the host, look at it with "docker inspect ${name}" and remove or rename it, then ${again(preflight)}`,
  }));

const signingFaults = ({ signatureFaults = [], request }: Preflight): readonly Fault[] =>
  signatureFaults.map((text) => ({
    text,
    decide: true,
    next: `sign it with "cosign sign --key <private key> ${request.repository}@<digest>" where it is to be trusted, then ${deployCommand(request)}`,
  }));

const tagFaults = ({ facts, images, request }: Preflight): readonly Fault[] =>
  movedTags(facts.recorded, images)
    .filter((moved) => !isAccepted(moved, request.accept?.movedTags ?? []))
    .map((moved, _, all) => ({
      text: movedText(moved),
      decide: true,
      next: `find out who pushed it again; where the new image is meant, ${deployCommand({
        ...request,
        accept: {
          ...request.accept,
          movedTags: [...(request.accept?.movedTags ?? []), ...all.map(({ to }) => to.replace(/^.*@/, ''))],
        },
      })}`,
    }));
