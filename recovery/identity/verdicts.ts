import { ExitCode } from '../../foundation/failure';
import { removal } from '../../infra/cherry/standing';
import { readHost, type ApiWord, type Case, type HostWord, type OthersWord, type StateWord } from './case';

/** One row of the table. */
export interface Verdict {
  /** Short and stable: alerts, metrics and tests name it. */
  readonly id: string;
  /** Of each source the words that it holds for. @default - any */
  readonly when: {
    readonly state?: readonly StateWord[];
    readonly api?: readonly ApiWord[];
    readonly others?: readonly OthersWord[];
    readonly host?: readonly HostWord[];
  };
  /** What it means, in a sentence. */
  readonly means: string;
  /** `certain`: nothing else fits. `likely`: something rarer fits too, and `means` names it. `unclear`: more has to be read. */
  readonly sure: 'certain' | 'likely' | 'unclear';
  /** What to do next. `<env>` is the environment, `<id>` the server of the state, `<others>` the other servers, `<other>` the first of them. */
  readonly next: string;
  /** Following `next` takes something away for good. Such a row holds only where all three sources were read. */
  readonly destructive?: true;
  readonly exitCode: ExitCode;
}

const { done, failed, refused, degraded } = ExitCode;
const listed: readonly ApiWord[] = ['same', 'other address', 'no keys'];
const notAsked: readonly ApiWord[] = ['unread', 'not used'];
/** Pinned, and nothing about its disk or data is wrong. */
const alive: readonly HostWord[] = ['well', 'unmarked', 'fresh', 'unfinished'];
const restoring = './cogni restore <env> --to newest --dry-run';
/** It looks at everything first, and changes nothing before a word was said. */
const rebuilding = './cogni rebuild <env> --dry-run';

/**
 * Every combination and what is to be thought of it: the first row that fits holds. What the host itself shows comes
 * before what is said of it, and lost data before everything else.
 *
 * Source of the cases: reference on the Cherry API, section 6 (the loss of 2026-02-07, orphans, twins) and section 7.5,
 * faults 2, 8 to 13 and 26.
 */
export const verdicts: readonly Verdict[] = [
  // The pinned machine was looked at from inside.
  {
    id: 'data-lost',
    when: { host: ['no data'] },
    means:
      'the database answers, and the data that this disk was marked with are not in it: its volume was emptied, or made anew',
    sure: 'certain',
    next: `stop what writes (./cogni maintenance on <env> --reason "data lost"), then ${restoring}`,
    exitCode: degraded,
  },
  {
    id: 'data-other',
    when: { host: ['other data'] },
    means:
      'the database holds other data than this disk was marked with: it was made anew and provisioned again, or restored from a dump',
    sure: 'certain',
    next: `if they were restored by somebody: ./cogni host mark <env> --replace; else ./cogni maintenance on <env> --reason "data lost", then ${restoring}`,
    exitCode: degraded,
  },
  {
    id: 'data-gone',
    when: { host: ['emptied'] },
    means:
      'it is the pinned machine, bootstrapped, with neither marker nor release, and its archive holds backups: its disk was emptied, or rolled back to an image of before its first deploy. One that was given up on purpose would look the same',
    sure: 'likely',
    next: `deploy nothing to it: ${rebuilding} fills it from the archive; where those data are not wanted any more: ./cogni deploy <env> --image-tag <tag>`,
    exitCode: refused,
  },
  {
    id: 'disk-foreign',
    when: { host: ['foreign'] },
    means: 'the pinned machine has the disk of another environment, or its marker was written over',
    sure: 'likely',
    next: 'deploy nothing to it; compare the server’s disk with the provider’s console; if it is the right one: ./cogni host mark <env> --replace',
    exitCode: refused,
  },
  {
    id: 'disk-copied',
    when: { host: ['other disk'] },
    means:
      'key and marker are ours, and the disk is another one than was marked: it was restored from an image, or copied, so its data may be old',
    sure: 'likely',
    next: 'compare the newest data with what was expected; if they are right: ./cogni host mark <env> --replace',
    exitCode: refused,
  },
  {
    id: 'two-machines',
    when: { others: ['pinned elsewhere'], host: readHost },
    means: 'two machines show the pinned key: one is a copy of the other, and both may take data',
    sure: 'certain',
    next: 'deploy nothing; see which one DNS leads to and which has the newest data, then take the other one off the network in the provider’s console',
    exitCode: refused,
  },
  {
    id: 'ours-elsewhere',
    when: { others: ['pinned elsewhere'] },
    means: 'the pinned machine answers at an address that is not the one of our server: the data are there',
    sure: 'certain',
    next: 'apply nothing and delete nothing; point DNS at the address of the pinned machine, then look at servers <id> and <others> in the provider’s console',
    exitCode: refused,
  },
  {
    id: 'unlisted',
    when: { api: ['gone'], host: readHost },
    means:
      'the machine lives, and its project does not list it: it is about to be ended, or the token is of another project',
    sure: 'likely',
    next: './cogni backup run <env> at once; then see that the project of <env> is the right one',
    exitCode: refused,
  },
  {
    id: 'ending',
    when: { api: ['not active'], host: readHost },
    means: 'the machine lives, and the provider says that it failed, is stopped or is being ended',
    sure: 'likely',
    next: './cogni backup run <env> at once; then look at server <id> in the provider’s console',
    exitCode: refused,
  },
  {
    id: 'untracked',
    when: { state: ['empty'], api: listed, host: readHost },
    means: 'the machine lives, and the state does not know it: the next apply would order a twin beside it',
    sure: 'certain',
    next: './cogni plan <env> --import cherryservers_server.host=<id>',
    exitCode: refused,
  },
  {
    id: 'keys-forgotten',
    when: { api: ['no keys'], host: readHost },
    means:
      'the machine lives, and the provider has forgotten its SSH keys: a plan may want to reinstall it, which wipes its disk',
    sure: 'certain',
    next: './cogni backup run <env>, then ./cogni plan <env>; apply nothing that it calls a wipe',
    exitCode: refused,
  },
  {
    id: 'address-shared',
    when: { others: ['address taken'], host: readHost },
    means: 'the machine lives, and the provider lists its address for another server too',
    sure: 'likely',
    next: 'look at servers <id> and <others> in the provider’s console before anything is applied',
    exitCode: refused,
  },
  {
    id: 'moved',
    when: { api: ['other address'], host: readHost },
    means: 'the pinned machine lives at another address than the state has',
    sure: 'certain',
    next: './cogni plan <env>, which takes the address over; then DNS, and ./cogni settings sync <env>',
    exitCode: failed,
  },
  {
    id: 'data-silent',
    when: { host: ['data silent'] },
    means:
      'it is the pinned machine, and its database does not answer: whether the data are there is not known',
    sure: 'unclear',
    next: './cogni status <env>, then ./cogni logs <env> postgres',
    exitCode: degraded,
  },
  {
    id: 'unfinished',
    when: { host: ['unfinished'] },
    means: 'it is the pinned machine, and its bootstrap has not ended well',
    sure: 'certain',
    next: './cogni host wait <env>; where that says that a phase failed: ./cogni host converge <env>',
    exitCode: failed,
  },
  {
    id: 'twin',
    when: { state: ['server'], api: ['same'], others: ['twin'], host: ['well'] },
    means:
      'all is well, and a server beside it has its name or label: left behind by an apply that failed, and paid for',
    sure: 'certain',
    next: `see that nothing of yours is on <others>, then remove each: ${removal({ id: '<other>' })}`,
    destructive: true,
    exitCode: refused,
  },
  {
    id: 'twin-unsure',
    when: { others: ['twin'], host: alive },
    means: 'the pinned machine lives, and a server beside it has its name or label',
    sure: 'likely',
    next: 'remove nothing yet: read what is missing above, then ./cogni host check <env>',
    exitCode: refused,
  },
  {
    id: 'unmarked',
    when: { host: ['unmarked'] },
    means:
      'it is the pinned machine, and its disk was never marked: lost data could not be told from the right ones',
    sure: 'unclear',
    next: 'see that the data are the right ones, then ./cogni host mark <env>',
    exitCode: failed,
  },
  {
    id: 'fresh',
    when: { host: ['fresh'] },
    means: 'it is the pinned machine, bootstrapped, and nothing was deployed to it yet',
    sure: 'certain',
    next: './cogni deploy <env> --image-tag <tag>',
    exitCode: done,
  },
  {
    id: 'well',
    when: { state: ['server'], api: ['same'], host: ['well'] },
    means: 'state, inventory and host agree: it is the pinned machine, with its disk and its data',
    sure: 'certain',
    next: 'nothing',
    exitCode: done,
  },
  {
    id: 'well-itself',
    when: { host: ['well'] },
    means:
      'it is the pinned machine, with its disk and its data; what is said of it elsewhere was not all read',
    sure: 'likely',
    next: 'nothing; with state and token at hand twins and a server that is being ended are found too',
    exitCode: done,
  },

  // Something else answers at its address.
  {
    id: 'recycled',
    when: { state: ['server'], api: ['gone'], host: ['other key'] },
    means: 'our server is gone, and its address belongs to another machine now',
    sure: 'certain',
    next: `send nothing to that address and take DNS away from it; then ${rebuilding}`,
    exitCode: degraded,
  },
  {
    id: 'recycled-beside',
    when: { others: ['address taken'], host: ['other key'] },
    means: 'another server of the project has the address, and its key is not the pinned one',
    sure: 'likely',
    next: 'send nothing to that address; look at servers <id> and <others> in the provider’s console',
    exitCode: refused,
  },
  {
    id: 'ended',
    when: { api: ['not active'], host: ['other key'] },
    means: 'our server failed or is being ended, and something with another key answers at its address',
    sure: 'likely',
    next: 'send nothing to that address; look at server <id> in the provider’s console',
    exitCode: refused,
  },
  {
    id: 'replaced-and-unkeyed',
    when: { api: ['no keys'], host: ['other key'] },
    means:
      'another machine, or an emptied disk, stands behind the same server: its key is another one and the provider records no keys for it. A plan may call this a reinstall',
    sure: 'likely',
    next: `apply nothing; confirm it in the provider’s console; then ${rebuilding}`,
    exitCode: refused,
  },
  {
    id: 'replaced-and-moved',
    when: { api: ['other address'], host: ['other key'] },
    means:
      'another machine, or an emptied disk, stands behind the same server, at another address: a plan sees only the address',
    sure: 'likely',
    next: `apply nothing; confirm it in the provider’s console; then ${rebuilding}`,
    exitCode: refused,
  },
  {
    id: 'replaced-silently',
    when: { state: ['server'], api: ['same'], host: ['other key'] },
    means:
      'the record of the server is as ever, and another machine, or an emptied disk, stands behind it: a plan says "No changes". Somebody in between, or new host keys on the machine, would look the same from here',
    sure: 'likely',
    next: `send nothing to it; ask from another network (./cogni host check <env>) and look at the provider’s console; a reinstall that you made yourselves: ./cogni host pin <env> --replace; else ${rebuilding}`,
    exitCode: refused,
  },
  {
    id: 'other-key',
    when: { host: ['other key'] },
    means: 'what answers has another key than the pinned one, and too little else could be read to say why',
    sure: 'unclear',
    next: 'send nothing to it; with the state and CHERRY_AUTH_TOKEN at hand: ./cogni host check <env>; a reinstall that you made yourselves: ./cogni host pin <env> --replace',
    exitCode: refused,
  },
  {
    id: 'not-pinned',
    when: { host: ['not pinned'] },
    means: 'something answers, and no key is pinned here to tell whether it is ours',
    sure: 'unclear',
    next: './cogni host pin <env>',
    exitCode: failed,
  },

  // Nobody was let in, or nothing answers.
  {
    id: 'closed',
    when: { host: ['closed'] },
    means:
      'it showed the pinned key, and lets nobody in: the disk with the key is there, its state is not known',
    sure: 'unclear',
    next: 'see that the SSH agent has the deploy key (ssh-add -l); then the provider’s console: is its disk full, is sshd well?',
    exitCode: degraded,
  },
  {
    id: 'nothing-there',
    when: { state: ['empty'], api: ['gone'] },
    means: 'there is no such host: neither the state nor the project has a server of it',
    sure: 'certain',
    next: './cogni plan <env>',
    exitCode: failed,
  },
  {
    id: 'lost',
    when: { state: ['server'], api: ['gone'] },
    means: 'the server is gone at the provider, with its disk',
    sure: 'certain',
    next: rebuilding,
    exitCode: degraded,
  },
  {
    id: 'lost-as-listed',
    when: { api: ['gone'] },
    means: 'the project lists no server of it, and nothing answers; the state could not be read',
    sure: 'likely',
    next: 'read the state (credentials of its backend), then ./cogni host check <env>',
    exitCode: degraded,
  },
  {
    id: 'stopped',
    when: { api: ['not active'] },
    means: 'the provider says that the server failed, is stopped or is being ended, and nothing answers',
    sure: 'certain',
    next: 'look at server <id> in the provider’s console; switching it on keeps its disk, a reinstall wipes it',
    exitCode: degraded,
  },
  {
    id: 'hung',
    when: { api: listed, host: ['silent'] },
    means:
      'the provider lists the server as active, and nothing answers on SSH: it hangs, is cut off, or was replaced',
    sure: 'unclear',
    next: 'look at server <id> in the provider’s console; a reboot keeps its disk, a reinstall wipes it; then ./cogni host check <env>',
    exitCode: degraded,
  },
  {
    id: 'address-unknown',
    when: { host: ['no address'] },
    means: 'no source that could be read knows where the host is',
    sure: 'unclear',
    next: 'read the state (credentials of its backend) or set CHERRY_AUTH_TOKEN, then ./cogni host check <env>',
    exitCode: failed,
  },
  {
    id: 'silent',
    when: { api: notAsked, host: ['silent'] },
    means: 'nothing answers on SSH, and the provider was not asked whether the server is still there',
    sure: 'unclear',
    next: 'look at the server in the provider’s console: is it on, is its address still this one? Then ./cogni host check <env>, with CHERRY_AUTH_TOKEN where there is one',
    exitCode: degraded,
  },
];

const holds = <T>(words: readonly T[] | undefined, word: T): boolean => words?.includes(word) ?? true;

const fits = ({ when }: Verdict, { state, api, others, host }: Case): boolean =>
  holds(when.state, state) && holds(when.api, api) && holds(when.others, others) && holds(when.host, host);

/** The row that holds. @throws Error for a combination without one: the table covers them all, and a test goes through them */
export function verdictOf(one: Case): Verdict {
  const found = verdicts.find((verdict) => fits(verdict, one));
  if (found !== undefined) return found;
  throw new Error(`no verdict for ${JSON.stringify(one)}`);
}
