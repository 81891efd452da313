'use strict';

const { Agent, request } = require('node:http');
const { setTimeout: sleep } = require('node:timers/promises');

/** How often it asks itself; after a few hundred times Node has compiled what all requests run through. */
const rounds = 400;

/** How often it sends itself a note that is refused: reading one is code of its own, and each is a line of the log. */
const notes = 10;

/**
 * Opens every connection to the database and answers some of its own requests, one at a time, so that the first ones
 * from outside are answered as fast as those of the version before. Whatever fails here is seen by `/readyz`.
 *
 * @param {object} app
 * @param {number} app.port where it listens already
 * @param {Pick<import('./store').NoteStore, 'open'>} app.store
 * @param {number} [app.within] milliseconds after which it is as warm as it gets: a database that does not answer must
 *   not keep it from saying so
 */
async function warmUp({ port, store, within = 3_000 }) {
  const over = new AbortController();
  const late = sleep(within, undefined, { signal: over.signal });
  // Whether the database is there is asked by each `/readyz`: it is not said twice.
  await Promise.race([askItself(port, store, over.signal), late]).catch(() => undefined);
  over.abort();
}

async function askItself(port, store, signal) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    await store.open(signal);
    for (let round = 0; round < rounds && !signal.aborted; round += 1)
      await ask({ agent, port, signal, path: '/version' });
    for (let note = 0; note < notes && !signal.aborted; note += 1)
      await ask({ agent, port, signal, path: '/api/v1/public/notes', method: 'POST' }, '{"text":""}');
  } finally {
    agent.destroy();
  }
}

const ask = (options, body) =>
  new Promise((resolve, reject) => {
    request({ ...options, host: '127.0.0.1' }, (answer) =>
      answer.resume().on('end', resolve).on('error', reject),
    )
      .on('error', reject)
      .end(body);
  });

module.exports = { warmUp };
