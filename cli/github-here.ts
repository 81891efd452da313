import { Failure } from '../foundation/failure';
import { Secret } from '../foundation/secret';
import type { Github } from '../workflows/github/api';

/** The API, as the variables of this process give it. */
export async function githubHere(repository: string | undefined): Promise<Github> {
  const { githubApi } = await import('../workflows/github/api.js');
  const token = process.env['GITHUB_TOKEN'];
  const named = repository ?? process.env['GITHUB_REPOSITORY'];
  const missing = [
    ...(token ? [] : ['GITHUB_TOKEN is not set']),
    ...(named ? [] : ['no repository is named: neither --repository nor GITHUB_REPOSITORY']),
  ];
  if (!token || !named) {
    throw new Failure({
      what: 'GitHub cannot be asked',
      faults: missing,
      next: 'read -rs GITHUB_TOKEN && export GITHUB_TOKEN, and name the repository as owner/name',
    });
  }
  const url = process.env['GITHUB_API_URL'];
  return githubApi({
    repository: named,
    token: Secret.of('GITHUB_TOKEN', token),
    ...(url ? { url } : {}),
  });
}
