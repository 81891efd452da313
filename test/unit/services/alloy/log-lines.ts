/** Lines as services write them, for whatever reads the pipeline's expressions. */

export const secret = 'Zq7xW3vB9nK2mR5t';

/** Each holds {@link secret}, in another form. */
export const secretLines: readonly string[] = [
  `connect ECONNREFUSED postgresql://cogni_app:${secret}@postgres:5432/cogni?sslmode=disable`,
  `redis://:${secret}@cache`,
  `{"password":"${secret}","user":"ada"}`,
  `{\\"AUTH_SECRET\\":\\"${secret}\\"}`,
  `AUTH_SECRET=${secret} next`,
  `OWNER_DB_PASSWORD='${secret}'`,
  `x-api-key: ${secret}`,
  `authorization: Bearer ${secret}`,
  `"Authorization":"Basic ${secret}=="`,
  `using sk-or-v1-${secret}${secret}`,
  `token ghp_${secret}`,
  `github_pat_${secret}_${secret}`,
  `glc_${secret}${secret}`,
  `eyJhbGciOiJIUzI1NiJ9.eyJ${secret}.${secret}`,
  `-----BEGIN OPENSSH PRIVATE KEY-----${secret}-----END OPENSSH PRIVATE KEY-----`,
];

export const harmlessLines: readonly string[] = [
  '{"level":"info","message":"listening on port 3000","buildSha":"0123abc"}',
  'GET /api/v1/public/notes 200 12ms',
  'https://preview.cogni.test/path?x=1',
  'LOG:  checkpoint complete: wrote 42 buffers (0.3%)',
];

/** Of probes and scrapes that went well, where `/livez` and `/api/metrics` are noise. */
export const noisyLines: readonly string[] = [
  '{"method":"GET","path":"/livez","status":200}',
  '{"status":200,"path":"/livez"}',
  'INFO: 127.0.0.1:4242 - "GET /api/metrics HTTP/1.1" 200 OK',
  '"GET /livez?x=1 HTTP/1.1" 204',
];

/** That only look like noise, or failed. */
export const tellingLines: readonly string[] = [
  '{"path":"/livez","status":503}',
  '{"path":"/livez-of-mine","status":200}',
  '{"path":"/notes","status":200}',
  'INFO: "GET /livezz HTTP/1.1" 200 OK',
];
