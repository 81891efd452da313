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

const { setTimeout: sleep } = require('node:timers/promises');
const { Connections } = require('./connections');
const { OpenStreams } = require('./open-streams');
const { note, pick, questions, requestMix } = require('./requests');

const options = {
  rate: 200,
  connections: 50,
  http2: false,
  asks: false,
  delay: 0,
  idle: 0,
  seconds: 600,
  ...JSON.parse(process.argv[2]),
};
const site = new URL(options.url);
const connections = new Connections({ ...options, site });
const streams = new OpenStreams({ ...options, site });

/** Milliseconds that a connection is left idle: about when Node, which ends them after 5 s, would have closed its own. */
const idleTime = () => 4_500 + Math.random() * 3_500;

let sent = 0;
const counts = {};
const lost = [];
const builds = {};
const mix = options.asks
  ? questions
  : requestMix((buildSha) => (builds[buildSha] = (builds[buildSha] ?? 0) + 1));
/** Milliseconds of the requests that are not slow by themselves, by the second (Unix time) in which they were sent. */
const fastBySecond = {};

async function one(kind, request, send) {
  sent += 1;
  const at = Date.now();
  const started = performance.now();
  let problem;
  try {
    const { status, body } = await send(request);
    problem = request.accepts(status, body);
  } catch (cause) {
    problem = cause.code ?? cause.message;
  }
  const milliseconds = Math.round((performance.now() - started) * 10) / 10;
  counts[kind] = (counts[kind] ?? 0) + 1;
  if (problem !== undefined) lost.push({ at: new Date(at).toISOString(), kind, problem, milliseconds });
  if (kind === 'get' || kind === 'post') (fastBySecond[Math.floor(at / 1000)] ??= []).push(milliseconds);
}

let stopping = false;

/** POSTs over connections that were idle before each of them. */
const idleSenders = () =>
  Array.from({ length: options.idle }, async () => {
    const send = connections.alone();
    while (!stopping) {
      await one('idle', note(0), send);
      for (const until = Date.now() + idleTime(); Date.now() < until && !stopping;) await sleep(100);
    }
  });

async function main() {
  process.on('SIGTERM', () => (stopping = true));
  process.on('SIGINT', () => (stopping = true));
  const open = new Set();
  const started = performance.now();
  process.stderr.write('sending\n');
  streams.start();
  const idle = idleSenders();
  const send = (request) => connections.send(request);
  let begun = 0;
  while (!stopping && performance.now() - started < options.seconds * 1000) {
    const due = Math.floor(((performance.now() - started) / 1000) * options.rate);
    for (; begun < due; begun += 1) {
      const { kind, make } = pick(mix);
      const request = one(kind, make(), send);
      open.add(request);
      void request.finally(() => open.delete(request));
    }
    await sleep(5);
  }
  stopping = true;
  await Promise.all([...open, ...idle]);
  const report = {
    sent,
    answered: sent - lost.length,
    lost: lost.length,
    examples: lost.slice(0, 20),
    lostBySecond: bySecond(lost),
    counts,
    builds,
    fastBySecond,
    streams: await streams.stop(),
  };
  process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0));
}

function bySecond(requests) {
  const sums = {};
  for (const { at } of requests) {
    const second = Math.floor(Date.parse(at) / 1000);
    sums[second] = (sums[second] ?? 0) + 1;
  }
  return sums;
}

main();
