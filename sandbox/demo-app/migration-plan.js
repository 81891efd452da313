'use strict';

const { createHash } = require('node:crypto');
const { readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

/** What a migration that goes wrong on purpose does (DEMO_MIGRATION). Both change something first: it must not stay. */
const demoMigrations = {
  fail: 'CREATE TABLE half_done (id int); SELECT 1/0;',
  hang: 'CREATE TABLE half_done (id int); SELECT pg_sleep(86400);',
};

/** @returns {{ name: string, sql: string, checksum: string }[]} in order */
function readMigrations(folder, demo) {
  const files = readdirSync(folder)
    .filter((name) => /^\d{4}_[a-z0-9_]+\.sql$/.test(name))
    .sort()
    .map((name) => ({ name, sql: readFileSync(join(folder, name), 'utf8') }));
  if (demo) files.push({ name: `9999_demo_${demo}.sql`, sql: demoMigrations[demo] });
  return files.map((file) => ({ ...file, checksum: createHash('sha256').update(file.sql).digest('hex') }));
}

/**
 * What to do, from what there is and what is recorded.
 *
 * @returns {{ pending: object[], faults: string[], unknown: string[] }} `unknown`: recorded by a newer version
 */
function planMigrations(migrations, recorded) {
  const checksums = new Map(recorded.map((row) => [row.name, row.checksum]));
  const last =
    recorded
      .map((row) => row.name)
      .sort()
      .at(-1) ?? '';
  const pending = migrations.filter(({ name }) => !checksums.has(name));
  return {
    pending,
    faults: [
      ...migrations
        .filter(({ name, checksum }) => checksums.has(name) && checksums.get(name) !== checksum)
        .map(({ name }) => `${name} was changed after it had been applied`),
      ...pending
        .filter(({ name }) => name < last)
        .map(({ name }) => `${name} comes before ${last}, which is applied`),
    ],
    unknown: [...checksums.keys()].filter((name) => !migrations.some((migration) => migration.name === name)),
  };
}

module.exports = { demoMigrations, planMigrations, readMigrations };
