'use strict';

const { setTimeout: sleep } = require('node:timers/promises');
const { chunks, completion, parseDirective, readRequest } = require('./answers');

/** Bytes of a request's body. */
const bodyLimit = 1024 * 1024;

/** How many of the last requests it remembers. */
const remembered = 100;

/**
 * Plays a provider of models: as much of OpenRouter's API as LiteLLM uses (OpenRouter documentation, "API Reference"),
 * as a listener for `http.createServer`. It knows every model. `GET /requests` says what it was asked lately, without
 * the key and without the text.
 */
function createStub() {
  const requests = [];
  const remember = (entry) => {
    requests.push(entry);
    if (requests.length > remembered) requests.shift();
  };
  return async (request, response) => {
    const route = `${request.method} ${request.url.split('?', 1)[0]}`;
    if (route === 'GET /livez') return json(response, 200, { status: 'alive' });
    if (route === 'GET /requests') return json(response, 200, { requests });
    if (route !== 'POST /api/v1/chat/completions')
      return refuse(response, 404, `there is nothing at ${route}`);
    const entry = {
      model: null,
      stream: false,
      get status() {
        return response.headersSent ? response.statusCode : null;
      },
    };
    remember(entry);
    if (!isPaid(request)) return refuse(response, 401, 'no key in "Authorization: Bearer …"');
    const body = await readBody(request);
    if (body === undefined) return refuse(response, 413, `a request has ${bodyLimit} bytes at most`);
    let asked;
    let directive;
    try {
      asked = readRequest(body);
      directive = parseDirective(asked.question);
    } catch (cause) {
      return refuse(response, 400, cause.message);
    }
    Object.assign(entry, { model: asked.model, stream: asked.stream });
    return answer(response, asked, directive);
  };
}

async function answer(response, asked, { kind, milliseconds }) {
  if (kind === 'rate-limit')
    return refuse(response, 429, 'told to be asked too often', { 'retry-after': '1' });
  if (kind === 'fail') return refuse(response, 500, 'told to fail');
  await sleep(milliseconds);
  if (response.destroyed) return undefined;
  if (asked.stream) return stream(response, asked, kind === 'cut');
  if (kind !== 'cut') return json(response, 200, completion(asked));
  const text = JSON.stringify(completion(asked));
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  return breakOff(response, text.slice(0, text.length / 2));
}

/** Server-sent events (WHATWG HTML §9.2). OpenRouter sends comments while a model thinks; so does this. */
function stream(response, asked, cut) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const events = chunks(asked).map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`);
  const text = [': OPENROUTER PROCESSING\n\n', ...events, 'data: [DONE]\n\n'];
  if (cut) return breakOff(response, text.slice(0, 3).join(''));
  for (const event of text) response.write(event);
  response.end();
}

/** What was written goes out before the connection ends. */
function breakOff(response, text) {
  response.write(text, () => response.destroy());
}

/** Whoever asks must show a key; which one is no concern of a stub. */
const isPaid = (request) => /^Bearer \S{8,}$/.test(request.headers.authorization ?? '');

/** The body as text, or undefined when it is over the limit. */
async function readBody(request) {
  const parts = [];
  let bytes = 0;
  for await (const part of request.iterator({ destroyOnReturn: false })) {
    bytes += part.length;
    if (bytes > bodyLimit) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** An error in the shape that clients of the API read. */
function refuse(response, status, message, headers = {}) {
  return json(response, status, { error: { message, code: status } }, headers);
}

function json(response, status, value, headers = {}) {
  const body = Buffer.from(`${JSON.stringify(value)}\n`);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': body.length,
    ...headers,
  });
  response.end(body);
}

module.exports = { createStub };
