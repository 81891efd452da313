import { targetText } from '../../deploy/backup/choose';
import { compareSteps, copyCommand, reachStep, restoreStep } from '../../deploy/copy/steps';
import type { Plan, Step } from '../../deploy/step';
import { drillPlace, openStep, removeDrill, type DrillPlaceProps } from './containers';
import type { DrillFacts } from './survey';

export interface DrillQuestions {
  /** The application's database: its migrations are looked at. */
  readonly database: string;
  /** SQL that the copy is asked at its target, reading only. @default - nothing */
  readonly ask?: string;
}

/** What is run again when a drill fails. */
const again = (environment: string): string =>
  `./cogni backup list ${environment}, then a full backup (./cogni backup ${environment} --type full) and ./cogni drill ${environment}`;

/** A drill as data: a copy out of the archive, compared with what was recorded, and brought to the target. Pure. */
export function planDrill(props: DrillPlaceProps, facts: DrillFacts, questions: DrillQuestions): Plan {
  const { environment } = props;
  const { chosen, checkpoint } = facts;
  const place = drillPlace(environment, again(environment));
  return {
    title: `drill ${environment}: ${chosen.backup.label} to ${targetText(chosen.target)}`,
    steps: [
      openStep(props, place),
      restoreStep(place, chosen, checkpoint),
      ...compareSteps(place, chosen, checkpoint),
      reachStep(place, chosen, checkpoint),
      look(props, questions),
      {
        id: 'remove',
        name: 'remove the throw-away database',
        why: 'it holds all the data of the living one',
        actions: [{ do: 'run', command: removeDrill(environment) }],
        leaves: place.leaves,
        next: place.next,
      },
    ],
  };
}

function look({ environment }: DrillPlaceProps, { database, ask }: DrillQuestions): Step {
  const { server, leaves, next } = drillPlace(environment, again(environment));
  return {
    id: 'look',
    name: 'ask the copy',
    why: 'which migrations it has, and what else was to be asked',
    actions: [
      { do: 'run', command: copyCommand(server, ['migrations', database]) },
      ...(ask === undefined
        ? []
        : [{ do: 'run', command: copyCommand(server, ['ask', database], 5 * 60_000, `${ask}\n`) } as const]),
    ],
    leaves,
    next,
    interruptible: true,
  };
}
