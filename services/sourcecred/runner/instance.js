'use strict';
const { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

/**
 * An instance is a folder with configuration and data. The configuration belongs to the deploy, which mounts it
 * read-only; the data belong to the instance, which lives on a volume that no deploy writes to. SourceCred completes its
 * configuration in place (0.11.2, api/dependenciesConfig.js), so it gets a copy, a new one at every start.
 */
function prepareInstance({ configuration, instance }) {
  for (const folder of ['cache', 'data', 'output', 'site'])
    mkdirSync(join(instance, folder), { recursive: true });
  const next = join(instance, 'config.next');
  rmSync(next, { recursive: true, force: true });
  cpSync(join(configuration, 'config'), next, { recursive: true });
  rmSync(join(instance, 'config'), { recursive: true, force: true });
  renameSync(next, join(instance, 'config'));
  writeFileSync(join(instance, 'sourcecred.json'), readFileSync(join(configuration, 'sourcecred.json')));
}

const ledger = (instance) => join(instance, 'data', 'ledger.json');
const ledgerBefore = (instance) => join(instance, 'data', 'ledger.before.json');

/**
 * SourceCred writes the ledger in place: a computation that is cut off may leave half of it. So a sound one is kept
 * aside before each, and taken back where there is none any more.
 *
 * @returns 'kept', 'taken back', or 'begun' where there was none: SourceCred reads one, be it empty (0.11.2, cli/contributions.js)
 * @throws Error for a ledger that cannot be read when there is none to take back: history is never begun anew unseen
 */
function guardLedger(instance) {
  const current = ledger(instance);
  const before = ledgerBefore(instance);
  if (isSound(current)) {
    copyWhole(current, before);
    return 'kept';
  }
  if (isSound(before)) {
    copyWhole(before, current);
    return 'taken back';
  }
  if (existsSync(current)) throw new Error('data/ledger.json is not JSON, and there is no copy of it');
  writeFileSync(current, '[]\n');
  return 'begun';
}

function isSound(path) {
  try {
    return Array.isArray(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return false;
  }
}

function copyWhole(from, to) {
  const temporary = `${to}.tmp`;
  writeFileSync(temporary, readFileSync(from), { flush: true });
  renameSync(temporary, to);
}

/** Whether there is something to show: SourceCred's last step writes this file (0.11.2, cli/hybrid.js). */
const hasOutput = (instance) => existsSync(join(instance, 'output', 'credGrainView'));

module.exports = { guardLedger, hasOutput, prepareInstance };
