'use strict';
const { existsSync } = require('node:fs');

/** The GitHub tokens that SourceCred takes: those with a short prefix, and the old 40 hex digits. */
const tokenForm = /^(?:gh[pousr]_[A-Za-z0-9_]{16,255}|[A-Fa-f0-9]{40})$/;

/**
 * What this program is told by its environment.
 *
 * @returns the settings, or every fault at once; a value is never part of a fault, since one of them is a secret.
 *   SourceCred itself prints a token that it does not know (0.11.2, plugins/github/token.js): so it never sees one.
 */
function readSettings(variables) {
  const faults = [];
  const token = variables['SOURCECRED_GITHUB_TOKEN'];
  if (token === undefined) faults.push('SOURCECRED_GITHUB_TOKEN is missing');
  else if (token === '') faults.push('SOURCECRED_GITHUB_TOKEN is empty');
  else if (!tokenForm.test(token))
    faults.push('SOURCECRED_GITHUB_TOKEN is not a GitHub token that SourceCred takes');
  const number = (name, fallback, least, most) => {
    const text = variables[name] ?? String(fallback);
    const value = /^\d{1,6}$/.test(text) ? Number(text) : NaN;
    if (!(value >= least && value <= most))
      faults.push(`${name} is not a whole number from ${least} to ${most}`);
    return value;
  };
  const port = number('PORT', 6006, 1, 65535);
  const recomputeHours = number('RECOMPUTE_HOURS', 24, 1, 168);
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

module.exports = { readSettings };
