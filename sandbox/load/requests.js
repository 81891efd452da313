'use strict';

const { randomUUID } = require('node:crypto');

/**
 * What is sent, and how often out of a hundred. `accepts` gives why an answer is none, or undefined.
 *
 * @param {(buildSha: string) => void} sawBuild told of the build that answered
 */
function requestMix(sawBuild) {
  const isVersion = (status, body) => {
    if (status !== 200) return `status ${status}`;
    const { buildSha } = JSON.parse(body);
    if (typeof buildSha !== 'string') return 'another body';
    sawBuild(buildSha);
    return undefined;
  };
  return [
    { kind: 'get', share: 66, make: () => ({ method: 'GET', path: '/version', accepts: isVersion }) },
    { kind: 'post', share: 25, make: () => note(0) },
    { kind: 'upload', share: 4, make: () => note(48 * 1024) },
    {
      kind: 'slow',
      share: 5,
      make: () => ({ method: 'GET', path: '/slow?milliseconds=2000', accepts: isVersion }),
    },
  ];
}

/** Questions that the application passes on to a model, and nothing else. */
const questions = [
  {
    kind: 'ask',
    share: 100,
    make: () => ({
      method: 'GET',
      path: '/ask?question=ping',
      accepts: (status, body) => {
        if (status !== 200) return `status ${status}`;
        return JSON.parse(body).question === 'ping' ? undefined : 'another body';
      },
    }),
  },
];

/** One of them, by its share. */
function pick(mix) {
  let roll = Math.random() * 100;
  for (const entry of mix) {
    roll -= entry.share;
    if (roll < 0) return entry;
  }
  return mix[0];
}

/** Two loads write different notes. */
const run = randomUUID();
let notes = 0;

/** A new note, which must be written once. Padding makes an upload of it: the application reads the text alone. */
function note(padding) {
  notes += 1;
  const text = `note ${run} ${notes}`;
  return {
    method: 'POST',
    path: '/api/v1/public/notes',
    headers: { 'content-type': 'application/json', 'idempotency-key': `${run}-${notes}` },
    body: JSON.stringify({ text, padding: 'x'.repeat(padding) }),
    accepts: (status, body) => {
      if (status === 200) return 'executed twice';
      if (status !== 201) return `status ${status}`;
      return JSON.parse(body).text === text ? undefined : 'another body';
    },
  };
}

module.exports = { note, pick, questions, requestMix };
