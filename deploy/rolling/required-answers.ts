import { Failure } from '../../foundation/failure';
import type { Output } from '../../foundation/process';
import { unmet } from '../expectation';
import { layout } from './layout';

/** What Docker or its disk does not answer means that nothing is known. */
const ofDocker = ['platform', 'edge', 'containers', 'disk', 'images', 'names'] as const;

/** What a release has left on the host: none of it there is something else than no answer. */
const ofRelease = ['records', 'hashes', 'modes'] as const;

type Answers<Question extends string> = Readonly<Record<Question, Output>>;

/** @throws Failure with every question that was not answered */
export function requireDocker(
  answers: Answers<(typeof ofDocker)[number]>,
  where: string,
  environment: string,
): void {
  const failed = ofDocker.filter((question) => unmet(answers[question]) !== undefined);
  if (failed.length === 0) return;
  throw new Failure({
    what: `${where} could not be looked at: Docker or its disk does not answer as it should`,
    faults: failed.map((question) => faultOf(question, answers[question])),
    next: `see on the host that "systemctl status docker" says active and that its user is in the group docker, or ./cogni host check ${environment}`,
  });
}

/**
 * Where a release serves, its files and the records can be read, or nothing is told: files that were not read look as if they were not
 * there, and a host without records as if no tag had ever been deployed. Where none serves the folders may not be there yet, and only a
 * question that did not come to its end is none.
 *
 * @param answers to those of the questions that were asked; `release`: the record of what serves; `link`: the link to it
 * @throws Failure with every question that was not answered
 */
export function requireFiles(
  answers: Answers<'release'> & Partial<Answers<'link' | (typeof ofRelease)[number]>>,
  where: string,
  environment: string,
): void {
  const serves = answers.release.code === 0;
  const asked = (['release', 'link', ...ofRelease] as const).flatMap((question) => {
    const answer = answers[question];
    return answer === undefined ? [] : [{ question, answer }];
  });
  const failed = asked.filter(({ question, answer }) =>
    serves && question !== 'release' && question !== 'link' ? unmet(answer) !== undefined : isCutOff(answer),
  );
  refuseUnread(failed, where, environment);
}

/**
 * Of a file that may not be there, only an answer that did not come to its end is none: the connection or its deadline cut it off.
 *
 * @throws Failure with every question that was not answered
 */
export function requireAnswered(
  answers: Readonly<Record<string, Output>>,
  where: string,
  environment: string,
): void {
  const failed = Object.entries(answers).flatMap(([question, answer]) =>
    isCutOff(answer) ? [{ question, answer }] : [],
  );
  refuseUnread(failed, where, environment);
}

function refuseUnread(
  failed: readonly { readonly question: string; readonly answer: Output }[],
  where: string,
  environment: string,
): void {
  if (failed.length === 0) return;
  const { runtime, deploy } = layout;
  throw new Failure({
    what: `${where} could not be looked at: its records and files cannot be read, and are not taken for none`,
    faults: failed.map(({ question, answer }) => faultOf(question, answer)),
    state: 'nothing was changed',
    next: `see that its disk answers and that the deploy user can read everything in ${runtime.folder} and ${deploy.folder} (./cogni host check ${environment}), then the same command again`,
  });
}

const isCutOff = ({ code, timedOut }: Output): boolean => timedOut || code === null;

const faultOf = (question: string, answer: Output): string =>
  `${question}: ${unmet(answer) ?? 'no answer'}, ${answer.stderr.trim() || 'without a word'}`;
