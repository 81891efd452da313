'use strict';
const { existsSync } = require('node:fs');
// Made from the settings catalogue (./cogni settings docs).
const schema = require('./settings.schema.json');

/**
 * What this program is told by its environment.
 *
 * @returns the settings, or every fault at once; a value is never part of a fault, since one of them is a secret.
 *   SourceCred itself prints a token that it does not know (0.11.2, plugins/github/token.js): so it never sees one.
 */
function readSettings(variables) {
  const faults = Object.entries(schema.settings).flatMap(([name, declared]) =>
    faultOf(name, variables[name], declared),
  );
  const number = (name, text, fallback, least, most) => {
    const value = /^\d{1,6}$/.test(text ?? fallback) ? Number(text ?? fallback) : NaN;
    if (!(value >= least && value <= most))
      faults.push(`${name} is not a whole number from ${least} to ${most}`);
    return value;
  };
  const port = number('PORT', variables['PORT'], 6006, 1, 65535);
  const recomputeHours = number('RECOMPUTE_HOURS', variables['RECOMPUTE_HOURS'], 24, 1, 168);
  const configuration = variables['CONFIGURATION'] ?? '/etc/sourcecred';
  if (!existsSync(`${configuration}/sourcecred.json`)) {
    faults.push(`CONFIGURATION names ${configuration}, where there is no sourcecred.json`);
  }
  return {
    faults,
    settings: {
      port,
      recomputeHours,
      configuration,
      instance: variables['INSTANCE'] ?? '/instance',
      program: variables['SOURCECRED_PROGRAM'] ?? '/runner/node_modules/sourcecred/bin/sourcecred.js',
    },
  };
}

function faultOf(name, value, { required, pattern, allowed }) {
  if (value === undefined) return required ? [`${name} is missing`] : [];
  if (value === '') return [`${name} is empty`];
  return new RegExp(pattern).test(value) ? [] : [`${name} is malformed; allowed: ${allowed}`];
}

module.exports = { readSettings };
