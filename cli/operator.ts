import { hostname, userInfo } from 'node:os';

/** Who runs this command, and from which machine or workflow run: for locks, records and notes on a host. */
export const operator = (): { readonly who: string; readonly from: string } => ({
  who: process.env['GITHUB_ACTOR'] || userInfo().username,
  from: process.env['GITHUB_RUN_ID'] || hostname(),
});
