import { applyCommand, type SourcecredRequest } from '../deploy/sourcecred/request';
import type { SourcecredResult } from '../deploy/sourcecred/apply';
import type { SshHost } from '../deploy/ssh';
import { systemClock } from '../foundation/clock';
import { ExitCode, Failure } from '../foundation/failure';
import { readSettings } from '../services';
import { renderSourcecred } from '../services/sourcecred/sourcecred';
import { findEnvironment } from '../stacks/here';
import { environments } from '../stacks/environments';
import { imageLockOf } from '../stacks/image-lock';
import { runtimePropsOf } from '../stacks/runtime';
import { requireSourcecred } from '../stacks/sourcecred';
import { requireFitOf } from '../stacks/whole-host';
import { findHost } from './host-access';
import { operator } from './operator';
import { settingsSource } from './settings-source';

/**
 * What bringing SourceCred to an environment's host needs to know, gathered from its record, the state, the settings and
 * this machine.
 *
 * @throws Failure where the record asks for none, no runner was released, or it does not fit beside the others (exit code 3), and for incomplete settings
 */
export async function sourcecredRequest(
  name: string,
  settingsFile: string | undefined,
): Promise<{ readonly request: SourcecredRequest; readonly host: SshHost }> {
  const environment = findEnvironment(name);
  const props = requireSourcecred(environment);
  if (props === undefined) {
    throw new Failure({
      what: `${name} has no SourceCred: its record in stacks/environments.ts lacks "sourcecred"${environment.sandbox ? ', or the sandbox plays it without' : ''}`,
      state: 'nothing was changed; one that runs on its host goes on running',
      next: `docs/sourcecred.md says what to write there, then ${applyCommand({ environment: name })}`,
      exitCode: ExitCode.refused,
    });
  }
  requireFitOf(environment, runtimePropsOf(environment, imageLockOf(environment)), environments);
  return {
    request: {
      environment: name,
      domain: environment.domain,
      files: renderSourcecred(props),
      image: props.image,
      settings: readSettings(settingsSource(name, settingsFile), 'sourcecred'),
      by: operator(),
      at: systemClock.now(),
    },
    host: await findHost(environment),
  };
}

/** What came of it, for a person. */
export function sourcecredText(name: string, result: SourcecredResult): string {
  const { outcome, removed = [], url, journalProblem } = result;
  if (outcome === 'unchanged' && removed.length === 0)
    return `SourceCred of ${name} is what is rendered, and healthy: nothing to do`;
  return [
    outcome === 'unchanged'
      ? `SourceCred of ${name} is what is rendered, and healthy; removed what a run that was cut off had left: ${removed.join(', ')}`
      : `SourceCred of ${name} runs as rendered; the edge shows it at ${url}, once it has that route (./cogni edge apply ${name})`,
    ...(journalProblem === undefined
      ? []
      : [`the journal of the host lacks something of this: ${journalProblem}`]),
  ].join('\n');
}
