'use strict';

/**
 * Sends requests to a site at a fixed rate and counts every one that is lost. Runs in a container beside the hosts, so
 * that it comes in as users do: by name, through TLS and the edge.
 *
 * A request is lost when its connection breaks, when it is answered with another status than expected, with another
 * body, or (a POST) when it was executed twice. Nothing is ever sent again. The rate does not wait for answers: a
 * stalled site shows as waiting requests, not as fewer of them.
 *
 *   node generator.js '{"url":"https://…","rate":200,"connections":50,"http2":false,"seconds":600}'
 *
 * Ends after `seconds` or on SIGTERM, waits for what is on its way, and prints one JSON document.
 */

const https = require('node:https');
const http2 = require('node:http2');
const { setTimeout: sleep } = require('node:timers/promises');

const options = { rate: 200, connections: 50, http2: false, seconds: 600, ...JSON.parse(process.argv[2]) };
const site = new URL(options.url);

/** Milliseconds until a request counts as lost without an answer. */
const patience = 20_000;

/** What is sent, and how often out of a hundred. */
const mix = [
  { kind: 'get', share: 66, make: () => ({ method: 'GET', path: '/version', accepts: isVersion }) },
  { kind: 'post', share: 25, make: () => note(0) },
  { kind: 'upload', share: 4, make: () => note(48 * 1024) },
  {
    kind: 'slow',
    share: 5,
    make: () => ({ method: 'GET', path: '/slow?milliseconds=2000', accepts: isVersion }),
  },
];

let sent = 0;
const counts = {};
const lost = [];
const builds = {};
/** Milliseconds of the fast requests, by the second in which they were sent. */
const seconds = new Map();

function isVersion(status, body) {
  if (status !== 200) return `status ${status}`;
  const { buildSha } = JSON.parse(body);
  if (typeof buildSha !== 'string') return 'another body';
  builds[buildSha] = (builds[buildSha] ?? 0) + 1;
  return undefined;
}

/** Padding makes an upload of it: the application reads the text alone. */
function note(padding) {
  const text = `note ${process.pid} ${sent}`;
  return {
    method: 'POST',
    path: '/api/v1/public/notes',
    headers: {
      'content-type': 'application/json',
      'idempotency-key': `${process.pid}-${Date.now()}-${sent}`,
    },
    body: JSON.stringify({ text, padding: 'x'.repeat(padding) }),
    accepts: (status, body) => {
      if (status === 200) return 'executed twice';
      if (status !== 201) return `status ${status}`;
      return JSON.parse(body).text === text ? undefined : 'another body';
    },
  };
}

/**
 * Bounded, as a site's users are: a site that stalls would otherwise get a new connection for every request, a thousand
 * handshakes more to stall on, and never come back.
 */
const agent = new https.Agent({
  keepAlive: true,
  maxSockets: 5 * options.connections,
  maxFreeSockets: options.connections,
});

function overHttp1({ method, path, headers = {}, body }) {
  return new Promise((resolve, reject) => {
    const request = https.request(
      new URL(path, site),
      {
        method,
        agent,
        timeout: patience,
        headers: body === undefined ? headers : { ...headers, 'content-length': Buffer.byteLength(body) },
      },
      (answer) => {
        const chunks = [];
        answer.on('data', (chunk) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({ status: answer.statusCode, body: Buffer.concat(chunks).toString() }),
        );
      },
    );
    request.on('timeout', () => request.destroy(new Error('no answer in time')));
    request.on('error', reject);
    request.end(body);
  });
}

let sessions = [];
function session() {
  sessions = sessions.filter((one) => !one.closed && !one.destroyed);
  while (sessions.length < Math.min(8, options.connections)) {
    const one = http2.connect(site);
    one.on('error', () => undefined);
    sessions.push(one);
  }
  return sessions[sent % sessions.length];
}

function overHttp2({ method, path, headers = {}, body }) {
  return new Promise((resolve, reject) => {
    const stream = session().request({ ':method': method, ':path': path, ...headers });
    const chunks = [];
    let status;
    stream.setTimeout(patience, () => stream.destroy(new Error('no answer in time')));
    stream.on('response', (answer) => (status = answer[':status']));
    stream.on('data', (chunk) => chunks.push(chunk));
    stream.on('error', reject);
    stream.on('end', () => resolve({ status, body: Buffer.concat(chunks).toString() }));
    stream.end(body);
  });
}

async function one(kind, request) {
  const at = Date.now();
  const started = performance.now();
  let problem;
  try {
    const { status, body } = await (options.http2 ? overHttp2 : overHttp1)(request);
    problem = request.accepts(status, body);
  } catch (cause) {
    problem = cause.code ?? cause.message;
  }
  const milliseconds = performance.now() - started;
  counts[kind] = (counts[kind] ?? 0) + 1;
  if (problem !== undefined)
    lost.push({ at: new Date(at).toISOString(), kind, problem, milliseconds: Math.round(milliseconds) });
  if (kind === 'get' || kind === 'post') {
    const second = Math.floor(at / 1000);
    if (!seconds.has(second)) seconds.set(second, []);
    seconds.get(second).push(milliseconds);
  }
}

function pick() {
  let roll = Math.random() * 100;
  for (const entry of mix) {
    roll -= entry.share;
    if (roll < 0) return entry;
  }
  return mix[0];
}

const quantile = (values, part) => {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0) * 10) / 10;
};

async function main() {
  let stopping = false;
  process.on('SIGTERM', () => (stopping = true));
  process.on('SIGINT', () => (stopping = true));
  const open = new Set();
  const started = performance.now();
  process.stderr.write('sending\n');
  while (!stopping && performance.now() - started < options.seconds * 1000) {
    const due = Math.floor(((performance.now() - started) / 1000) * options.rate);
    while (sent < due) {
      const { kind, make } = pick();
      const request = one(kind, make());
      sent += 1;
      open.add(request);
      void request.finally(() => open.delete(request));
    }
    await sleep(5);
  }
  await Promise.all(open);
  const all = [...seconds.values()].flat();
  process.stdout.write(
    `${JSON.stringify({
      sent,
      answered: sent - lost.length,
      lost: lost.length,
      examples: lost.slice(0, 20),
      counts,
      builds,
      milliseconds: { p50: quantile(all, 0.5), p99: quantile(all, 0.99) },
      p99BySecond: Object.fromEntries(
        [...seconds].map(([second, values]) => [second, quantile(values, 0.99)]),
      ),
    })}\n`,
  );
  process.exit(0);
}

main();
