/** Lines as services write them, for whatever reads the pipeline's expressions. */

export const secret = 'Zq7xW3vB9nK2mR5t';

/** Whether it can be read in a line; some forms have capitals alone. */
export const leaks = (line: string): boolean => line.toUpperCase().includes(secret.toUpperCase());

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
  `denied for AKIA${secret.toUpperCase()} in eu-central-1`,
  `eyJhbGciOiJIUzI1NiJ9.eyJ${secret}.${secret}`,
  `-----BEGIN OPENSSH PRIVATE KEY-----${secret}-----END OPENSSH PRIVATE KEY-----`,
  // What stands behind a sign at which a value might seem to end.
  `{"password":"begins,${secret}"}`,
  `{"password":"begins; ${secret}"}`,
  `{"password":"begins\\"${secret}"}`,
  `{"password":"begins\\\\\\"${secret}"}`,
  `{"AUTH_SECRET":"begins}${secret}"}`,
  `{"msg":"{\\"token\\":\\"begins\\\\\\"${secret}\\"}"}`,
  `{"a":"{\\"b\\":\\"{\\\\\\"token\\\\\\":\\\\\\"${secret}\\\\\\"}\\"}"}`,
  `password='begins;${secret}'`,
  `password: 'begins\\'${secret}'`,
  `password: 'begins",${secret}'`,
  `{"msg":"password: '${secret}","level":"info"}`,
  `password: 'begins"${secret}`,
  `ALTER ROLE a PASSWORD 'begins''${secret}', ROLE b`,
  `ALTER ROLE a PASSWORD 'begins",${secret}'`,
  `ALTER ROLE a PASSWORD '${secret}`,
  `postgres://user:12${secret}/x@host`,
  `postgres://user:12@${secret}@host`,
  `password = "begins ${secret}"`,
  `AUTH_SECRET=begins&${secret}`,
  `AUTH_SECRET=begins"${secret} next`,
  `AUTH_SECRET="begins",${secret} next`,
  `token=begins;,}]"'${secret}`,
  `postgres://user:begins/${secret}@host`,
  `postgres://user:begins@${secret}@host/db`,
  // Where a client or a framework shows its headers.
  `cookie: a=b; session=${secret}; c=d`,
  `Set-Cookie: sid=${secret}; Path=/`,
  `{"headers":{"cookie":"__Secure-next-auth.session-token=${secret}; a=b"}}`,
  `{"set-cookie":["a=b; Path=/","sid=${secret}; Path=/"]}`,
  `{"authorization":"${secret}"}`,
  `{"Authorization":"token ${secret}"}`,
  `{"authorization":["Bearer ${secret}"]}`,
  `Authorization: token ${secret}`,
  `authorization=${secret}`,
  `sent header "Bearer ${secret}" upstream`,
  `x-litellm-api-key: ${secret}`,
  // Under other names.
  `{"pass":"${secret}"}`,
  `SMTP_PASS=${secret}`,
  `{"private_key":"${secret}"}`,
  `{"secretKey":"${secret}"}`,
  `{"tokenValue":"${secret}"}`,
  `{"apiKeyId": "${secret}"}`,
  `passphrase=${secret}`,
  `secret_key=${secret}`,
  `tokens=12${secret}`,
  `{"password":["${secret}"]}`,
  `ALTER ROLE cogni_app PASSWORD '${secret}'`,
  `https://${secret}@github.com/your-org/your-repository.git`,
  `POSTGRESQL://user:${secret}@host`,
  `${secret}${secret}${secret}${secret}`,
  `  ${secret}==`,
];

export const harmlessLines: readonly string[] = [
  '{"level":"info","message":"listening on port 3000","buildSha":"0123abc"}',
  'GET /api/v1/public/notes 200 12ms',
  'https://preview.cogni.test/path?x=1',
  'LOG:  checkpoint complete: wrote 42 buffers (0.3%)',
  '{"model":"m","prompt_tokens":12,"completion_tokens":3}',
  '{"usage":{"total_tokens":345,"completion_tokens_details":{"reasoning_tokens":0}},"max_tokens":null}',
  'max_tokens=4096 completion_tokens: 12, total_tokens=4108)',
  '{"token":null,"password":false,"apiKey":{},"secrets":[]}',
  '{"error":"no token:","code":401}',
  '{"error":{"message":"missing password:"},"code":401}',
  '["a password:", "a name:"]',
  `{"msg":"wrong password: '","level":"info"}`,
  `{"msg":"wrong password: '","q":"it's","level":"info"}`,
  `{"messages":["wrong password '","syntax error at password '"]}`,
  'http://app:3000/x?y=a@b',
  'http://app:3000?y=a@b',
  'basic checks passed: 12 of 12',
  'pulled registry.example.org/cogni/app@sha256:0123abc',
  'git clone https://github.com/your-org/your-repository.git',
  '0123456789abcdef0123456789abcdef01234567',
];

/** What Caddy writes of an access: what the visitor chose is marked. */
export const access = ({
  path = '/livez',
  status = 200,
  method = 'GET',
  size = 77,
  client = '203.0.113.7',
  userAgent = 'curl/8',
}: {
  readonly path?: string;
  readonly status?: number;
  readonly method?: string;
  readonly size?: number;
  readonly client?: string;
  readonly userAgent?: string;
} = {}): string =>
  JSON.stringify({
    level: status < 500 ? 'info' : 'error',
    ts: 1795401565.69,
    logger: 'http.log.access',
    msg: 'handled request',
    request: {
      remote_ip: client,
      remote_port: '56626',
      client_ip: client,
      proto: 'HTTP/2.0',
      method,
      host: 'preview.cogni.test',
      uri: path,
      tls: { resumed: false, version: 772, proto: 'h2', server_name: 'preview.cogni.test', ech: false },
    },
    bytes_read: 0,
    user_id: '',
    duration: 2.2,
    size,
    status,
    user_agent: userAgent,
  });

/** Of probes and scrapes that went well, where `/livez` and `/api/metrics` are noise. */
export const noisyLines: readonly string[] = [
  '{"method":"GET","path":"/livez","status":200}',
  '{"status":200,"path":"/livez"}',
  'INFO: 127.0.0.1:4242 - "GET /api/metrics HTTP/1.1" 200 OK',
  'INFO:     ::1:4242 - "GET /livez HTTP/1.1" 200 OK',
  '"GET /livez?x=1 HTTP/1.1" 204',
  '{"message": "127.0.0.1:5 - \\"GET /livez HTTP/1.1\\" 200", "level": "INFO", "timestamp": "2026-11-22T10:00:00"}',
  '{"level":"info","msg":"it said \\"no\\"","path":"/livez","status":200}',
  access(),
  access({ path: '/livez?-', method: 'HEAD', status: 204 }),
];

/** That only look like noise, or failed. */
export const tellingLines: readonly string[] = [
  '{"path":"/livez","status":503}',
  '{"path":"/livez-of-mine","status":200}',
  '{"path":"/notes","status":200}',
  'INFO: 127.0.0.1:4242 - "GET /livezz HTTP/1.1" 200 OK',
  '{"message": "127.0.0.1:5 - \\"GET /livez HTTP/1.1\\" 503", "level": "INFO"}',
  '{"message": "127.0.0.1:5 - \\"GET /livezz HTTP/1.1\\" 200", "level": "INFO"}',
  // Failed, and other numbers of it are those of a success.
  access({ status: 503, size: 200 }),
  access({ status: 502, client: '52.204.13.9' }),
  '{"path":"/livez","status":503,"checks":{"openrouter":"answered 200 after 8000 ms"}}',
  '{"path":"/livez","status":503,"checks":[{"name":"database","status":200}]}',
  '{"checks":[{"name":"database","status":200}],"path":"/livez","status":503}',
  'readiness failed: GET /livez 503 after 200 ms',
  '"GET /livez HTTP/1.1" 503 200',
  // Of something else, by somebody who would rather not be seen.
  access({ path: '/api/v1/public/notes', method: 'POST', userAgent: '/livez' }),
  access({ path: '/notes', userAgent: '"uri":"/livez"},"bytes_read":0,"status":200' }),
  access({ path: '/notes', userAgent: '"path":"/livez","status":200' }),
  access({ path: '/notes', userAgent: '"GET /livez HTTP/1.1" 200' }),
  access({ path: '/notes?"uri":"/livez"' }),
  access({ path: '/livez', method: 'POST' }),
  'LOG: statement: INSERT INTO notes VALUES ($$"GET /livez HTTP/1.1" 200 x$$)',
  'ERROR litellm: bad body {"path":"/livez","status":200}',
  'ERROR litellm: bad body {"status":200,"path":"/livez"}',
  `ERROR litellm: bad body ${access()}`,
  '{"level":"error","body":{"path":"/livez","status":200}}',
  `{"level":"error","body":${access()}}`,
  '{"message": "bad body: \\"GET /livez HTTP/1.1\\" 200", "level": "ERROR"}',
  '127.0.0.1 - "POST /notes HTTP/1.1" 200 "-" "GET /livez HTTP/1.1" 200',
  '{"level":"error","msg":"notes could not be saved","referer":"/livez","rows":200}',
];
