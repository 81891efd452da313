import { join } from 'node:path';
import { Failure } from '../foundation/failure';
import { tryReadFile } from '../foundation/files';
import type { Https } from '../foundation/https';
import { httpsThrough, proxyFrom } from '../foundation/proxy';
import { lookupFrom } from '../foundation/resolve';
import { Secret } from '../foundation/secret';
import { trustedAuthorities } from '../foundation/trust';
import { faultText, valueFaults } from '../services';
import { checkout } from '../infra/checkout';
import { findRecord } from '../stacks/here';
import { announcementBody, changelogEntries, changelogFile, postMessage, repositoryAt } from '../workflows';
import { versionIn } from './artifact-request';
import { operator } from './operator';
import { settingsSource } from './settings-source';

export interface Announced {
  readonly environment: string;
  readonly version: string;
  /** What is posted: JSON. */
  readonly body: string;
  /** How often it was tried; 0 when it was only shown. */
  readonly tries: number;
}

/**
 * Tells the team of the release that is checked out.
 *
 * @throws Failure when there is nothing to tell, no address to tell it to, or nobody who takes it
 */
export async function announceRelease(
  name: string,
  { dryRun = false }: { readonly dryRun?: boolean },
): Promise<Announced> {
  const { policies } = findRecord(name);
  const version = versionIn(tryReadFile(join(checkout, 'package.json')) ?? '');
  const entry = changelogEntries(tryReadFile(join(checkout, changelogFile)) ?? '').find(
    (each) => each.version === version,
  );
  if (entry === undefined) {
    throw new Failure({
      what: `${changelogFile} has no entry of ${version}, so there is nothing to tell`,
      next: './cogni change release --base <what is served>',
    });
  }
  const body = announcementBody({
    environment: name,
    entry,
    commit: await repositoryAt(checkout).commitOf('HEAD'),
    next: policies.manual ? `a person starts deploy-${name}.yml` : `deploy-${name}.yml brings it to the host`,
    by: madeBy(),
  });
  if (dryRun) return { environment: name, version, body, tries: 0 };
  const tries = await postMessage({ https: httpsHere(), url: webhookOf(name), body });
  return { environment: name, version, body, tries };
}

/** Who, and the run where that can be read. */
function madeBy(): string {
  const { who } = operator();
  const server = process.env['GITHUB_SERVER_URL'];
  const repository = process.env['GITHUB_REPOSITORY'];
  const run = process.env['GITHUB_RUN_ID'];
  return server && repository && run ? `${who}, ${server}/${repository}/actions/runs/${run}` : who;
}

/** @throws Failure that does not show it */
function webhookOf(environment: string): Secret {
  const name = 'TEAM_WEBHOOK_URL';
  const variables = settingsSource(environment, undefined);
  const value = variables['TEAM_WEBHOOK_URL'] ?? '';
  const faults = valueFaults(name, value);
  if (faults.length === 0) return Secret.of(name, value);
  throw new Failure({
    what: 'the team cannot be told',
    faults: value === '' ? [`${name} is not set`] : faults.map(faultText),
    next: `make an incoming webhook in the team's chat, write its address into .cogni/${environment}/settings.env, and give it to GitHub: ./cogni settings sync ${environment} --no-host --shared; where nobody is to be told, write announce: false into delivery in stacks/environments.ts`,
  });
}

const httpsHere = (): Https =>
  httpsThrough(
    {
      authorities: trustedAuthorities({ extra: process.env['COGNI_CA'] }),
      lookup: lookupFrom(process.env['COGNI_DNS']),
    },
    proxyFrom(process.env),
  );
