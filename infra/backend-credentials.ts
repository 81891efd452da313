import type { StateBackend } from './backend';

/** The variables from which Terraform takes the credentials of a backend; none of them is ever written into a file. */
export const credentialsOf: Readonly<Record<StateBackend['kind'], string>> = {
  local: 'it needs none',
  s3: 'AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY',
  pg: 'PG_CONN_STR',
  http: 'TF_HTTP_USERNAME, TF_HTTP_PASSWORD',
};
