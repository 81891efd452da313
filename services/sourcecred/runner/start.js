'use strict';
const { guardLedger, hasOutput, prepareInstance } = require('./instance');
const { startProgram } = require('./program');
const { createSite } = require('./server');
const { readSettings } = require('./settings');

/**
 * Serves what there is, computes it anew at the start and then once in a while, and serves the new. A computation that
 * fails (GitHub is away, a token has expired) leaves the last one on show and is tried again.
 */
const retryMilliseconds = 15 * 60_000;
/** One that hangs (a connection that nobody ends) has failed as well. The longest that is known takes minutes. */
const longestMilliseconds = 2 * 3_600_000;

const log = (level, event, more = {}) =>
  console.log(JSON.stringify({ time: new Date().toISOString(), level, event, ...more }));

const { faults, settings } = readSettings(process.env);
if (faults.length > 0) {
  log('error', 'settings.unfit', { faults });
  process.exit(2);
}
const { instance } = settings;
prepareInstance(settings);
const site = createSite({ instance, ready: () => hasOutput(instance) });
let running;
let stopping = false;
let timer;

site.listen(settings.port, '0.0.0.0', () => {
  log('info', 'listening', { port: settings.port, computedBefore: hasOutput(instance) });
  void computeAndAgain();
});

async function computeAndAgain() {
  const started = Date.now();
  let pause = settings.recomputeHours * 3_600_000;
  try {
    const ledger = guardLedger(instance);
    if (ledger === 'taken back') log('warn', 'ledger.taken-back');
    await sourcecred('go');
    await sourcecred('site');
    log('info', 'computed', { seconds: Math.round((Date.now() - started) / 1000) });
  } catch (cause) {
    if (stopping) return;
    pause = retryMilliseconds;
    log('error', 'compute.failed', { reason: cause.message, againInSeconds: pause / 1000 });
  }
  if (!stopping) timer = setTimeout(() => void computeAndAgain(), pause);
}

/** Colours are for terminals. */
async function sourcecred(word) {
  running = startProgram([settings.program, word], {
    name: `sourcecred ${word}`,
    milliseconds: longestMilliseconds,
    cwd: instance,
    env: { ...process.env, FORCE_COLOR: '0' },
  });
  try {
    await running.ended;
  } finally {
    running = undefined;
  }
}

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => {
    if (stopping) return;
    stopping = true;
    log('info', 'stopping', { signal });
    clearTimeout(timer);
    running?.stop();
    site.close();
    site.closeIdleConnections();
  });
}
