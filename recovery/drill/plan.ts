import { targetText } from '../../deploy/backup/choose';
import { compareSteps, copyCommand, reachStep, restoreStep } from '../../deploy/copy/steps';
import type { Plan, Step } from '../../deploy/step';
import { lastArchived } from '../restore/way';
import { drillPlace, openStep, removeDrill, type DrillPlaceProps } from './containers';
import type { DrillFacts } from './survey';

export interface DrillQuestions {
  /** The application's database: its migrations are looked at. */
  readonly database: string;
  /** SQL that the copy is asked at its target, reading only. @default - nothing */
  readonly ask?: string;
}

/** Id of the step that asks what a person wanted to know. */
export const questionStep = 'ask';

/** What is run again when a drill fails. */
const again = (environment: string): string =>
  `./cogni backup list ${environment}, then a full backup (./cogni backup ${environment} --type full) and ./cogni drill ${environment}`;

/** A drill as data: a copy out of the archive, compared with what was recorded, and brought to the target. Pure. */
export function planDrill(props: DrillPlaceProps, facts: DrillFacts, questions: DrillQuestions): Plan {
  const { environment } = props;
  const { chosen, checkpoint } = facts;
  const place = drillPlace(props, again(environment));
  return {
    title: `drill ${environment}: ${chosen.backup.label} to ${targetText(chosen.target)}`,
    steps: [
      openStep(props, place),
      restoreStep(place, chosen, checkpoint),
      ...compareSteps(place, chosen, checkpoint),
      reachStep(place, chosen, checkpoint, lastArchived(facts), facts.endSince),
      look(props, questions),
      ...(questions.ask === undefined ? [] : [askStep(props, questions.database, questions.ask)]),
      {
        id: 'remove',
        name: 'remove the throw-away database',
        why: 'it holds all the data of the living one',
        actions: [{ do: 'run', command: removeDrill(props) }],
        leaves: place.leaves,
        next: place.next,
      },
    ],
  };
}

function look(props: DrillPlaceProps, { database }: DrillQuestions): Step {
  const { server, leaves, next } = drillPlace(props, again(props.environment));
  return {
    id: 'look',
    name: 'ask the copy which migrations it has',
    why: 'they must be those of the release that serves',
    actions: [{ do: 'run', command: copyCommand(server, ['migrations', database]) }],
    leaves,
    next,
    interruptible: true,
  };
}

/** A person's own question: one that has no answer says nothing of the backups. */
function askStep(props: DrillPlaceProps, database: string, ask: string): Step {
  const next = `mend the question, then ./cogni drill ${props.environment} --ask <sql>`;
  const { server, leaves } = drillPlace(props, next);
  return {
    id: questionStep,
    name: 'ask the copy what was to be asked',
    why: 'whether it is the moment that is sought',
    actions: [{ do: 'run', command: copyCommand(server, ['ask', database], 5 * 60_000, `${ask}\n`) }],
    leaves,
    next,
    interruptible: true,
  };
}
