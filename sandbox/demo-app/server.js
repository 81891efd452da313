'use strict';

const { createServer } = require('node:http');
const { createApp } = require('./app');
const { log } = require('./log');
const { parseMisbehaviour } = require('./misbehaviour');
const { Models } = require('./models');
const { readSettings } = require('./settings');
const { NoteStore } = require('./store');
const { Streams } = require('./streams');
const { warmUp } = require('./warm-up');

/** Milliseconds that open requests get to end after SIGTERM: less than the ten seconds that Docker gives by default. */
const drain = 9_000;

function main(environment) {
  const { settings, faults } = readSettings(environment);
  const misbehaviour = tryMisbehaviour(environment.DEMO_MISBEHAVE, faults);
  if (faults.length > 0) {
    log('error', `the environment has ${faults.length} faults; nothing was started`, { faults });
    process.exit(1);
  }
  if (misbehaviour.kind === 'exit-at-once') fail('told to exit at once');
  if (misbehaviour.kind === 'crash-after') setTimeout(() => fail('told to crash'), misbehaviour.milliseconds);

  const build = {
    version: environment.APP_VERSION || 'unversioned',
    buildSha: environment.APP_BUILD_SHA || 'unknown',
  };
  const store = new NoteStore(settings.DATABASE_URL, (cause) =>
    log('warning', 'a database connection broke', { reason: cause.message }),
  );
  const models = settings.LITELLM_BASE_URL
    ? new Models(settings.LITELLM_BASE_URL, settings.LITELLM_MASTER_KEY)
    : undefined;
  let stopping = false;
  let warm = false;
  const answer = createApp({
    ...{ build, store, models, misbehaviour, log },
    isStopping: () => stopping,
    isWarm: () => warm,
    crash: fail,
  });
  const streams = new Streams(build);
  const server = createServer(
    (request, response) => streams.take(request, response) || answer(request, response),
  );
  server.on('upgrade', (request, socket, head) => streams.upgrade(request, socket, head));

  const listen = () => {
    server.listen(settings.PORT, () => {
      log('info', `listening on port ${settings.PORT}`, build);
      void warmUp({ port: server.address().port, store }).then(() => (warm = true));
    });
  };
  const starting = setTimeout(listen, misbehaviour.kind === 'slow-start' ? misbehaviour.milliseconds : 0);

  const stop = (signal) => {
    if (stopping) return;
    stopping = true;
    clearTimeout(starting);
    log('info', `${signal}: no new connections, open requests are ended`);
    setTimeout(() => fail(`requests were still open after ${drain / 1000} s`), drain).unref();
    const ended = () => store.close().then(() => process.exit(0));
    if (server.listening) server.close(ended);
    else ended();
    streams.end();
    server.closeIdleConnections();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  if (misbehaviour.kind === 'slow-start')
    log('info', `told to listen only after ${misbehaviour.milliseconds} ms`);
}

function tryMisbehaviour(text, faults) {
  try {
    return parseMisbehaviour(text);
  } catch (cause) {
    faults.push(cause.message);
    return { milliseconds: 0 };
  }
}

function fail(reason) {
  log('error', reason);
  process.exit(1);
}

main(process.env);
