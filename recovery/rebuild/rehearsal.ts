import type { RebuildBegun, RebuildStory } from './journal';
import { begunIn } from './journal';
import {
  bootstrap,
  files,
  plan,
  provision,
  pull,
  restore,
  type RebuildPlan,
  type RebuildShape,
  type Stage,
} from './plan';

/** The parts of a rehearsal, in order. */
export const rehearsalStageIds = [
  'plan',
  'provision',
  'bootstrap',
  'files',
  'restore',
  'pull',
  'deploy',
  'prove',
  'remove',
] as const;
export type RehearsalStageId = (typeof rehearsalStageIds)[number];

/** What the plan of a rehearsal is made from. */
export interface RehearsalShape extends Pick<RebuildShape, 'domain' | 'archive'> {
  /** The living environment. */
  readonly environment: string;
  /** Under which its rehearsal is known while it stands. */
  readonly name: string;
  readonly begun: Pick<RebuildBegun, 'backup' | 'copy' | 'release'>;
  /** Its machine is left for a person to look at, who then removes it. */
  readonly keep: boolean;
}

/** Part of a certificate's time that is left when Caddy renews it (its documentation, "Automatic HTTPS", renewals). */
const renewedFrom = 1 / 3;

/**
 * Why a rehearsal has to wait for the certificate of the site; nothing: it need not. The edge of its machine gets that certificate with the
 * account that it was asked for with, and would try to renew it at an authority that reaches the living one: each try that fails counts.
 */
export function certificateFaults(
  domain: string,
  certificate: { readonly from: Date; readonly until: Date } | undefined,
  now: Date,
): readonly string[] {
  if (certificate === undefined) return [];
  const { from, until } = certificate;
  const left = until.getTime() - now.getTime();
  if (left > (until.getTime() - from.getTime()) * renewedFrom) return [];
  return [
    `the certificate of ${domain} is due for renewal (it ends at ${until.toISOString()}): the machine of the rehearsal would try it too, in vain, and the authority counts that against the living one. Rehearse when it is renewed (./cogni watch says when one is not)`,
  ];
}

/** The command that removes what a rehearsal has made, however far it got. */
export const removeCommand = (environment: string): string =>
  `./cogni rebuild ${environment} --rehearse --remove`;

/**
 * A rehearsal of a rebuild as data: the stages that make a machine out of what is off the host, on one that is ordered for it and removed
 * afterwards. There are none that would touch the living host: nothing is fenced, forgotten or switched, no backup is made, and no workflow is
 * told. Pure.
 */
export function planRehearsal(shape: RehearsalShape): RebuildPlan<RehearsalStageId> {
  const { environment, name, begun, keep } = shape;
  const standing = (stage: Stage<RehearsalStageId>): Stage<RehearsalStageId> => ({
    ...stage,
    leaves: `the living host is as it was; a machine of the rehearsal may stand, and is then paid for until ${removeCommand(environment)}`,
  });
  return {
    title: `rehearse a rebuild of ${environment}`,
    groups: [
      [plan({ environment: name })],
      [standing(provision({ environment: name }))],
      [standing(bootstrap({ environment: name, host: 'cherry' }))],
      [...(begun.copy === null ? [] : [files(begun.copy)]), restore(shape), pull(shape)].map(standing),
      [standing(deploy(shape))],
      [standing(prove)],
      ...(keep ? [] : [[standing(remove)]]),
    ],
  };
}

/** What is still to be done of it: once its removal was begun, nothing is made any more. Pure. */
export function remaining(
  plan: RebuildPlan<RehearsalStageId>,
  story: RebuildStory,
): RebuildPlan<RehearsalStageId> {
  if (!begunIn(story, 'remove')) return plan;
  return { ...plan, groups: plan.groups.filter((group) => group.some(({ id }) => id === 'remove')) };
}

const deploy = ({ begun: { release }, domain }: RehearsalShape): Stage<'deploy'> => ({
  id: 'deploy',
  name: `deploy ${release.tag} to the machine of the rehearsal`,
  why: `by the digests of its record, with the settings of the living one; ${domain} is asked at this machine's address, wherever DNS leads`,
  doneWhen: 'the machine serves exactly that: only the gate is passed again',
  leaves: '',
});

const prove: Stage<'prove'> = {
  id: 'prove',
  name: 'hold the database that serves there against the release',
  why: 'its rows were compared with what was recorded while it was restored; its migrations must be those of the release, and it must write into no archive',
  doneWhen: 'it was found so in this run',
  leaves: '',
};

const remove: Stage<'remove'> = {
  id: 'remove',
  name: 'remove the machine of the rehearsal, and everything else of it',
  why: 'it holds all data of the living one, and is paid for',
  doneWhen: 'its state has nothing, and the provider lists no server of its name',
  leaves: '',
};
