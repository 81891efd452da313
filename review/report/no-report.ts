import { cut } from '../masking';
import { code, inComment } from './escape';
import { signs } from './words';

/** The hidden line by which the comment of an environment is found again. */
export const commentMarker = (environment: string | undefined): string =>
  `<!-- cogni-review environment=${inComment(environment ?? 'none')} -->`;

/**
 * What stands in the place of a report that there is not, so that one of an older commit is not taken for it. The marker is the same.
 *
 * @param commit that there is none of. @default - not known
 */
export const renderNoReport = (environment: string, commit?: string): string =>
  [
    commentMarker(environment),
    `## ${signs['needs-review']} ${code(environment)}: what this would do is not known`,
    '',
    `There is no plan${commit === undefined ? '' : ` of commit ${code(cut(commit, 40))}`}: the job that makes it has failed, and its log says why. That does not mean safe.`,
    '',
  ].join('\n');
