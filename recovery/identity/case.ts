/**
 * What three sources say of one host, each boiled down to a word. The verdicts (`verdicts.ts`) are a table over these
 * words, so that every combination can be gone through.
 */

/** Terraform's state: which server it has. `not used` of a host that Terraform did not make. */
export const stateWords = ['server', 'empty', 'unread', 'not used'] as const;

/**
 * The provider's inventory, on the server of the state (where that is not known: on one with our host name or label).
 * - `same`: it is there and active, with the address that the state has.
 * - `other address`: there and active, at another address.
 * - `no keys`: there and active, and no SSH key is recorded: the next plan may reinstall it.
 * - `not active`: there, and failed, stopped or being ended.
 * - `gone`: not in the project.
 */
export const apiWords = [
  'same',
  'other address',
  'no keys',
  'not active',
  'gone',
  'unread',
  'not used',
] as const;

/**
 * The other servers of the project.
 * - `pinned elsewhere`: the pinned machine answers at an address that is not the one of our server.
 * - `address taken`: another server of the project has our address.
 * - `twin`: another server has our host name or our label.
 */
export const othersWords = ['none', 'pinned elsewhere', 'address taken', 'twin'] as const;

/**
 * The host itself, at the address of our server. From `well` to `emptied` it showed the pinned key and let us in.
 * - `well`: its marker, its disk and its data belong together.
 * - `other data`: the database holds data of another id than the disk was marked with.
 * - `no data`: the database answers, and the data that the disk was marked with are not in it.
 * - `data silent`: the database does not say.
 * - `foreign`: the disk is marked for another environment, or with what is no marker.
 * - `other disk`: the disk is not the one that was marked.
 * - `unfinished`: its bootstrap is under way, failed, or left no marker.
 * - `unmarked`: a release is recorded, and the disk was never marked.
 * - `fresh`: bootstrapped, and nothing was deployed to it yet.
 * - `emptied`: as `fresh`, and elsewhere it is known that there were data: in its archive, or to whoever saw its marker.
 * - `closed`: it showed the pinned key, and lets nobody in.
 * - `other key`: it showed another key than the pinned one: nothing that it says is believed.
 * - `not pinned`: it answers, and there is no pinned key to hold it against.
 * - `silent`: nothing answers on SSH.
 * - `no address`: no source knows where it is.
 */
export const hostWords = [
  'well',
  'other data',
  'no data',
  'data silent',
  'foreign',
  'other disk',
  'unfinished',
  'unmarked',
  'fresh',
  'emptied',
  'closed',
  'other key',
  'not pinned',
  'silent',
  'no address',
] as const;

export type StateWord = (typeof stateWords)[number];
export type ApiWord = (typeof apiWords)[number];
export type OthersWord = (typeof othersWords)[number];
export type HostWord = (typeof hostWords)[number];

/** One combination. */
export interface Case {
  readonly state: StateWord;
  readonly api: ApiWord;
  readonly others: OthersWord;
  readonly host: HostWord;
}

/** Words by which a host was looked at from inside: it is the pinned machine, and what it says is believed. */
export const readHost: readonly HostWord[] = hostWords.slice(0, hostWords.indexOf('closed'));

/** Whether all three sources were read: only then may an advice take something away for good. */
export const allRead = ({ state, api, host }: Case): boolean =>
  ['server', 'empty'].includes(state) && !['unread', 'not used'].includes(api) && readHost.includes(host);
