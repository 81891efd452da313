'use strict';

/**
 * How this copy of the application goes wrong on purpose, so that what watches over it can be tested against the real
 * thing. Set by DEMO_MISBEHAVE, in the image or for one container.
 */

const kinds = {
  /** Listens only after that time. */
  'slow-start': { duration: true },
  /** Answers, and /readyz says 503 for ever. */
  'never-ready': { duration: false },
  /** The same for whoever comes through the edge, and ready for everybody else. */
  'not-ready-outside': { duration: false },
  /** Ends with exit code 1 when whoever comes through the edge asks whether it is ready: between a deploy's switch and its gate. */
  'crash-outside': { duration: false },
  /** Ends with exit code 1 after that time. */
  'crash-after': { duration: true },
  /** Ends with exit code 1 before it listens. */
  'exit-at-once': { duration: false },
  /** Every request but the probes takes that time. */
  'slow-requests': { duration: true },
};

const allowed = Object.entries(kinds)
  .map(([kind, { duration }]) => (duration ? `${kind}:<number>s` : kind))
  .join(', ');

/**
 * @param {string | undefined} text for instance `slow-start:20s`, `crash-after:500ms`, `never-ready`; empty is none
 * @returns {{ kind?: string, milliseconds: number }} `kind` is undefined for an application that behaves
 * @throws {Error} that names what is allowed
 */
function parseMisbehaviour(text) {
  if (text === undefined || text === '') return { milliseconds: 0 };
  const [, kind, number, unit] = /^([a-z-]+)(?::(\d+)(ms|s))?$/.exec(text) ?? [];
  const known = Object.hasOwn(kinds, kind ?? '') ? kinds[kind] : undefined;
  if (!known || known.duration !== (number !== undefined)) {
    throw new Error(`DEMO_MISBEHAVE is ${JSON.stringify(text)}: it must be one of ${allowed}`);
  }
  return { kind, milliseconds: number === undefined ? 0 : Number(number) * (unit === 's' ? 1000 : 1) };
}

module.exports = { parseMisbehaviour };
