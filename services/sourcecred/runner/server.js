'use strict';
const { createReadStream, promises } = require('node:fs');
const { createServer } = require('node:http');
const { extname, join, sep } = require('node:path');

const types = {
  '.css': 'text/css; charset=utf-8',
  '.gzip': 'application/octet-stream',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
};

/** Folders of the instance that its site reads. The cache is not among them: it holds what a token may see. */
const shown = ['config', 'data', 'output'];

/**
 * Serves the site and what it reads, for reading alone. SourceCred's own server takes a new ledger from anybody who
 * posts one (0.11.2, cli/serve.js), so it is not what stands behind a public route.
 *
 * @param ready whether there is something to show; until then every page is 503
 */
function createSite({ instance, ready }) {
  return createServer((request, response) => {
    answer(request, response, instance, ready).catch(() => {
      if (!response.headersSent) plain(response, 500, 'The page could not be read.');
      else response.destroy();
    });
  });
}

async function answer(request, response, instance, ready) {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    return plain(response, 405, 'This site is for reading.');
  }
  const path = pathOf(request.url);
  if (path === '/healthz') {
    return ready() ? plain(response, 200, 'ok') : plain(response, 503, 'nothing has been computed yet');
  }
  if (!ready()) {
    response.setHeader('retry-after', '60');
    return plain(response, 503, 'The scores are being computed. Please try again in a few minutes.');
  }
  const file = path === undefined ? undefined : await fileOf(instance, path);
  if (file === undefined) return plain(response, 404, 'There is no such page.');
  response.writeHead(200, {
    'content-type': types[extname(file.path)] ?? 'application/octet-stream',
    'content-length': file.size,
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
  });
  if (request.method === 'HEAD') return response.end();
  const stream = createReadStream(file.path, { end: Math.max(0, file.size - 1) });
  stream.on('error', () => response.destroy());
  stream.pipe(response);
}

function pathOf(url) {
  try {
    const path = decodeURIComponent(new URL(url, 'http://site').pathname);
    return path.includes('\0') ? undefined : path;
  } catch {
    return undefined;
  }
}

async function fileOf(instance, path) {
  const first = path.split('/')[1] ?? '';
  const isOfInstance = shown.includes(first) || path === '/sourcecred.json';
  const root = isOfInstance ? instance : join(instance, 'site');
  const wanted = join(root, path.endsWith('/') ? `${path}index.html` : path);
  try {
    // Links are followed before it is looked where they lead: nothing outside of the shown folders is served.
    const [real, realRoot] = await Promise.all([promises.realpath(wanted), promises.realpath(root)]);
    const inside = real.slice(realRoot.length + 1);
    if (!real.startsWith(realRoot + sep)) return undefined;
    if (isOfInstance && inside !== 'sourcecred.json' && !shown.includes(inside.split(sep)[0]))
      return undefined;
    const status = await promises.stat(real);
    return status.isFile() ? { path: real, size: status.size } : undefined;
  } catch {
    return undefined;
  }
}

function plain(response, status, text) {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
  response.end(`${text}\n`);
}

module.exports = { createSite };
