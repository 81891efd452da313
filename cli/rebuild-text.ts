import { lossText } from '../recovery/rebuild/backup-word';
import type { OffHostFacts } from '../recovery/rebuild/off-host';
import type { RebuildBegun } from '../recovery/rebuild/journal';
import type { RebuildPlan } from '../recovery/rebuild/plan';
import type { RehearsalStageId } from '../recovery/rebuild/rehearsal';
import type { RebuildFacts } from './rebuild-facts';
import type { Unfinished } from './rebuild-unfinished';
import type { RehearsalFacts } from './rehearsal-facts';

/** What `./cogni rebuild --dry-run` prints. */
export function lookText(name: string, facts: RebuildFacts, plan: RebuildPlan | undefined): string {
  const { identity, givenUp, offHost, release, faults, notes } = facts;
  const { verdict } = identity;
  const gave = [
    givenUp.server === undefined ? undefined : `server ${givenUp.server}`,
    givenUp.address,
  ].filter((each) => each !== undefined);
  return [
    name,
    `  verdict    ${verdict.id} (${verdict.sure}): ${verdict.means}`,
    `  given up   ${gave.join(' at ') || 'nothing that is known'}`,
    ...offHostLines(offHost, release),
    ...notes.map((note) => `  note       ${note}`),
    '',
    ...stageLines(plan),
    ...faultLines(faults),
  ].join('\n');
}

/** What `./cogni rebuild --dry-run` prints where one was begun that would be gone on with. */
export function unfinishedText(
  name: string,
  { story: { begun }, identity, stages, faults }: Unfinished,
  plan: RebuildPlan,
): string {
  return [
    name,
    `  unfinished ${begun.id}, begun by ${begun.by.who} on ${begun.by.from} (${begun.verdict.id}): the real run goes on with it`,
    `  so far     ${stages.map(({ stage, outcome }) => `${stage} ${outcome}`).join(', ')}`,
    ...(identity === undefined
      ? ['  host       what was given up is out of the way, and is not looked at again']
      : [`  verdict    ${identity.verdict.id} (${identity.verdict.sure}): ${identity.verdict.means}`]),
    `  release    ${begun.release.tag}, ${begun.release.images.app}`,
    '',
    ...stageLines(plan),
    ...faultLines(faults),
    ...(faults.length === 0 ? [] : [`to end it as it is: ./cogni rebuild ${name} --abandon ${begun.id}`]),
  ].join('\n');
}

const offHostLines = (
  { chosen, reaches, copy, recordsFrom }: OffHostFacts,
  release: RebuildBegun['release'] | undefined,
): readonly string[] => [
  `  backup     ${chosen === undefined ? 'none' : `${chosen.backup.label}, ${chosen.backup.at.toISOString()}`}`,
  `  data       ${lossText(reaches)}`,
  `  copy       ${copy === undefined ? 'none' : `${copy.name}: ${copy.parts.join(', ')}`}`,
  ...(recordsFrom === undefined ? [] : [`  records    as of ${recordsFrom.at.toISOString()}`]),
  `  release    ${release === undefined ? 'not known' : `${release.tag}, ${release.images.app}`}`,
];

const stageLines = (plan: RebuildPlan<string> | undefined): readonly string[] =>
  (plan?.groups ?? []).flatMap((group, index) =>
    group.flatMap((stage) => [
      `${index + 1}. ${stage.name} (${stage.id}${group.length > 1 ? ', at the same time' : ''}${group.some(({ id }) => id === stage.after) ? `, after ${stage.after}` : ''})`,
      `     why:    ${stage.why}`,
      `     done:   ${stage.doneWhen}`,
      ...(stage.person === undefined ? [] : [`     person: ${stage.person}`]),
    ]),
  );

const faultLines = (faults: readonly string[]): readonly string[] =>
  faults.length === 0
    ? ['nothing speaks against it; nothing was changed']
    : ['As it is, this is refused:', ...faults.map((fault) => `  - ${fault}`)];

/** What a rehearsal cannot keep the application from: nothing here knows what it does by itself. */
export const doneTwice =
  'what the application does by itself (jobs at certain times, messages that it sends), it does there as well while the machine stands, with the settings of the living one';

/** What `./cogni rebuild --rehearse --dry-run` prints. */
export function rehearsalLookText(
  name: string,
  { environment, offHost, release, price, faults, notes }: RehearsalFacts,
  plan: RebuildPlan<RehearsalStageId> | undefined,
): string {
  return [
    `${name}, rehearsed`,
    `  machine    ${environment.host.plan} in ${environment.host.region}: ${price}, until it is removed`,
    `  living one nothing of it is asked or changed`,
    `  twice      ${doneTwice}`,
    ...offHostLines(offHost, release),
    ...notes.map((note) => `  note       ${note}`),
    '',
    ...stageLines(plan),
    ...faultLines(faults),
  ].join('\n');
}
