import type { SettingName } from './catalogue';

/**
 * The settings with which Terraform opens a state, by the kind of its backend (`infra/backend.ts`). Terraform reads them from its
 * environment, under these names; those of the other kinds are of no use to an environment.
 */
export const stateCredentials = {
  local: [],
  s3: ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
  pg: ['PG_CONN_STR'],
  http: ['TF_HTTP_USERNAME', 'TF_HTTP_PASSWORD'],
} as const satisfies Readonly<Record<string, readonly SettingName[]>>;

/** Credentials of every kind of state but this one. */
export const otherStateCredentials = (kind: keyof typeof stateCredentials): readonly SettingName[] =>
  Object.entries(stateCredentials).flatMap(([other, names]) => (other === kind ? [] : names));
