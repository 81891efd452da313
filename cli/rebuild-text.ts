import type { RebuildPlan } from '../recovery/rebuild/plan';
import type { RebuildFacts } from './rebuild-facts';

/** What `./cogni rebuild --dry-run` prints. */
export function lookText(name: string, facts: RebuildFacts, plan: RebuildPlan | undefined): string {
  const { identity, givenUp, offHost, release, faults, notes } = facts;
  const { verdict } = identity;
  const { chosen, newestLog, copy } = offHost;
  const gave = [
    givenUp.server === undefined ? undefined : `server ${givenUp.server}`,
    givenUp.address,
  ].filter((each) => each !== undefined);
  return [
    name,
    `  verdict    ${verdict.id} (${verdict.sure}): ${verdict.means}`,
    `  given up   ${gave.join(' at ') || 'nothing that is known'}`,
    `  backup     ${chosen === undefined ? 'none' : `${chosen.backup.label}, ${chosen.backup.at.toISOString()}`}`,
    `  log        ${newestLog === undefined ? 'not known' : `up to ${newestLog.toISOString()}: what was committed later is lost`}`,
    `  copy       ${copy === undefined ? 'none' : `${copy.name}: ${copy.parts.join(', ')}`}`,
    `  release    ${release === undefined ? 'not known' : `${release.tag}, ${release.images.app}`}`,
    ...notes.map((note) => `  note       ${note}`),
    '',
    ...(plan === undefined
      ? []
      : plan.groups.flatMap((group, index) =>
          group.flatMap((stage) => [
            `${index + 1}. ${stage.name} (${stage.id}${group.length > 1 ? ', at the same time' : ''})`,
            `     why:    ${stage.why}`,
            `     done:   ${stage.doneWhen}`,
            ...(stage.person === undefined ? [] : [`     person: ${stage.person}`]),
          ]),
        )),
    ...(faults.length === 0
      ? ['nothing speaks against it; nothing was changed']
      : ['As it is, this is refused:', ...faults.map((fault) => `  - ${fault}`)]),
  ].join('\n');
}
