import { randomBytes } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { renderUserData, withEnrollment } from '../bootstrap';
import { writeAtomically } from '../foundation/files';
import { run, type Run } from '../foundation/process';
import type { Secret } from '../foundation/secret';
import { discardEnrollmentToken, ensureEnrollmentToken, keptEnrollmentToken } from '../infra/enrollment-file';
import type { Environment } from '../stacks/environment';
import { environmentFolder } from '../stacks/here';
import { knownHostsFile } from './host-access';
import { hostNeedsHere } from './host-needs';

/** Beside the token that it holds: never among what is rendered, which is read, compared and kept by anybody. */
const userDataFile = (name: string): string => join(environmentFolder(name), 'user-data.yaml');

/**
 * Writes the user-data of one new machine that Terraform does not order: with the token by which the machine proves itself, which no
 * rendered file holds.
 *
 * @returns the file, mode 0600
 */
export function writeEnrolledUserData(environment: Environment): string {
  const { name } = environment;
  const document = renderUserData(hostNeedsHere(environment));
  const token = ensureEnrollmentToken(environmentFolder(name), randomBytes);
  const file = userDataFile(name);
  writeAtomically(file, withEnrollment(document, token.reveal()), 0o600);
  return file;
}

/** The token that the next server of an environment gets, where one is kept. */
export const keptToken = (name: string): Secret | undefined => keptEnrollmentToken(environmentFolder(name));

/** Once a server has proved its key with it: the next one gets another token, and other user-data. */
export function forgetEnrollment(name: string): void {
  discardEnrollmentToken(environmentFolder(name));
  rmSync(userDataFile(name), { force: true });
}

/**
 * What is lacking to get into a machine that somebody else made. It is looked at before anything is touched: behind the stage that puts
 * the pinned key aside, nothing here could make up for it.
 *
 * @param replaces whether the pinned key is put aside, being another machine's
 */
export async function existingMachineFaults(
  { name, host }: Pick<Environment, 'name' | 'host'>,
  replaces: boolean,
  runProgram: Run = run,
): Promise<readonly string[]> {
  if (host.kind !== 'existing') return [];
  const agent = await runProgram({ argv: ['ssh-add', '-L'], deadline: 10_000 }).catch(() => undefined);
  const provable = keptToken(name) !== undefined || (!replaces && existsSync(knownHostsFile(name)));
  return [
    ...(provable
      ? []
      : [
          `no enrollment token is kept here, so the machine at ${host.address} cannot prove its key: write the provider's host back into the record, ./cogni render ${name} --enroll, and boot the machine anew with what that writes`,
        ]),
    // Whose key the machine lets in stands in no record by now.
    ...(/^\S+ AAAA/m.test(agent?.stdout ?? '')
      ? []
      : [`the SSH agent has no key: ssh-add <the private half of the deploy key of ${name}>`]),
  ];
}
