'use strict';

const { setTimeout: sleep } = require('node:timers/promises');
const { NoAnswer } = require('./models');

/** Bytes of a request's body. */
const bodyLimit = 64 * 1024;

/** Milliseconds that a request may ask to wait. */
const slowest = 10_000;

/**
 * What the application answers, as a listener for `http.createServer`.
 *
 * @param {object} app
 * @param {{ version: string, buildSha: string }} app.build
 * @param {import('./store').NoteStore} app.store
 * @param {import('./models').Models | undefined} app.models undefined where there are none
 * @param {{ kind?: string, milliseconds: number }} app.misbehaviour
 * @param {() => boolean} app.isStopping true from SIGTERM on
 * @param {() => boolean} app.isWarm true when the first requests have been answered by itself
 * @param {(reason: string) => void} app.crash ends the process
 * @param {(level: string, message: string, fields?: object) => void} app.log
 */
function createApp(app) {
  const routes = {
    '/livez': { GET: () => json(200, { status: 'alive' }) },
    '/readyz': { GET: (request) => readiness(app, request) },
    '/version': { GET: () => json(200, app.build) },
    '/slow': { GET: (request) => slow(app, request) },
    '/api/v1/public/notes': {
      GET: async () => json(200, await app.store.list()),
      POST: async (request) => addNote(app, request),
    },
    '/ask': { GET: (request) => ask(app, request) },
    '/': { GET: () => page(app) },
  };
  const probes = new Set(['/livez', '/readyz', '/version']);

  return async (request, response) => {
    const started = performance.now();
    const pathname = request.url.split('?', 1)[0];
    let answer;
    try {
      if (!probes.has(pathname) && app.misbehaviour.kind === 'slow-requests')
        await sleep(app.misbehaviour.milliseconds);
      answer = await dispatch(routes, pathname, request);
    } catch (cause) {
      app.log('error', 'a request failed', { path: pathname, reason: cause.message });
      answer = json(503, { error: 'this request cannot be served now' });
    }
    const body = Buffer.from(answer.body);
    response.writeHead(answer.status, {
      'content-length': body.length,
      'cache-control': 'no-store',
      // Who is told so sends the next request to another copy.
      ...(app.isStopping() ? { connection: 'close' } : {}),
      ...answer.headers,
    });
    response.end(request.method === 'HEAD' ? undefined : body);
    if (!probes.has(pathname)) {
      app.log('info', 'request', {
        method: request.method,
        path: pathname,
        status: answer.status,
        milliseconds: Math.round(performance.now() - started),
      });
    }
  };
}

async function dispatch(routes, pathname, request) {
  const route = Object.hasOwn(routes, pathname) ? routes[pathname] : undefined;
  if (!route) return json(404, { error: `there is nothing at ${pathname}` });
  const handler = route[request.method === 'HEAD' ? 'GET' : request.method];
  if (handler) return handler(request);
  const allow = Object.keys(route).join(', ');
  return json(405, { error: `${request.method} is not allowed here: ${allow}` }, { allow });
}

/** The build, after as long as was asked for: what a request that takes its time looks like. */
async function slow({ build }, request) {
  const asked = Number(new URL(request.url, 'http://localhost').searchParams.get('milliseconds'));
  if (!(asked >= 0 && asked <= slowest))
    return json(400, { error: `milliseconds must be a number from 0 to ${slowest}` });
  await sleep(asked);
  return json(200, build);
}

/** 200 when it can serve, else 503; the reasons are there for whoever has to find out. */
async function readiness({ store, misbehaviour, isStopping, isWarm, crash }, request) {
  const throughEdge = request.headers['x-real-ip'] !== undefined;
  if (misbehaviour.kind === 'crash-outside' && throughEdge)
    crash('told to crash when asked through the edge');
  const told =
    misbehaviour.kind === 'never-ready' || (misbehaviour.kind === 'not-ready-outside' && throughEdge);
  const condition = () => {
    if (isStopping()) return 'stopping';
    if (told) return 'told never to be ready';
    return isWarm() ? 'ok' : 'warming up';
  };
  const checks = {
    settings: 'ok',
    process: condition(),
    database: await store.check().then(
      () => 'ok',
      (cause) => explain(cause),
    ),
  };
  const ready = Object.values(checks).every((check) => check === 'ok');
  return json(ready ? 200 : 503, { status: ready ? 'ready' : 'not ready', checks });
}

/** PostgreSQL's own words, and what they mean where it is known (appendix A, "PostgreSQL Error Codes"). */
function explain(cause) {
  const meanings = {
    '42P01': 'the migrations have not run here',
    42703: 'the migrations of this version have not run here',
    42501: 'the role of the application lacks a privilege',
    '28P01': 'the password of the role is another one',
    '3D000': 'there is no such database',
  };
  const text = cause.message || cause.code || 'no answer';
  return meanings[cause.code] ? `${text} (${meanings[cause.code]})` : text;
}

async function addNote({ store }, request) {
  const read = await readBody(request);
  if (read === undefined)
    return json(413, { error: `a note has ${bodyLimit} bytes at most` }, { connection: 'close' });
  const text = parseNote(read);
  if (text === undefined)
    return json(400, { error: 'the body must be {"text": "…"} with 1 to 1000 characters' });
  const key = request.headers['idempotency-key'];
  if (key !== undefined && !/^[\x21-\x7e]{1,200}$/.test(key)) {
    return json(400, { error: 'Idempotency-Key must have 1 to 200 printable characters' });
  }
  const { note, replayed } = await store.add(text, key);
  if (replayed && note.text !== text) {
    return json(422, { error: 'this Idempotency-Key was used for another note', note });
  }
  return json(replayed ? 200 : 201, note, replayed ? { 'idempotency-replayed': 'true' } : {});
}

function parseNote(body) {
  try {
    const { text } = JSON.parse(body) ?? {};
    return typeof text === 'string' && text.length >= 1 && text.length <= 1000 && !text.includes('\0')
      ? text
      : undefined;
  } catch {
    return undefined;
  }
}

/** The body as text, or undefined when it is over the limit; the rest is then not read. */
async function readBody(request) {
  const chunks = [];
  let bytes = 0;
  // Left early, the request stays open: it still has to be answered.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += chunk.length;
    if (bytes > bodyLimit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * Lets a model answer, and keeps the answer as a note: the way of a request through everything that runs beside the
 * application. The database's role is told, so that it can be seen from outside that it is the application's own.
 */
async function ask({ models, store }, request) {
  if (models === undefined) return json(404, { error: 'this application was told of no models' });
  const question = new URL(request.url, 'http://localhost').searchParams.get('question') ?? '';
  if (question === '' || question.length > 1000 || question.includes('\0'))
    return json(400, { error: '/ask?question=… must have 1 to 1000 characters' });
  try {
    const { model, answer } = await models.ask(question);
    const { note, role } = await store.addAs(answer.slice(0, 1000));
    return json(200, { model, question, answer, note: note.id, databaseRole: role });
  } catch (cause) {
    if (cause instanceof NoAnswer) return json(cause.status, { error: cause.message });
    throw cause;
  }
}

async function page({ build, store }) {
  const notes = await store.list().then(
    ({ count }) => `${count} notes are stored.`,
    () => 'The database does not answer.',
  );
  const text = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Cogni demo</title>
  </head>
  <body>
    <h1>Cogni demo</h1>
    <p>Version ${escapeHtml(build.version)}, build ${escapeHtml(build.buildSha)}.</p>
    <p>${notes}</p>
  </body>
</html>
`;
  return { status: 200, body: text, headers: { 'content-type': 'text/html; charset=utf-8' } };
}

const escapeHtml = (text) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const json = (status, value, headers = {}) => ({
  status,
  body: `${JSON.stringify(value)}\n`,
  headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
});

module.exports = { createApp };
