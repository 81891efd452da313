'use strict';

/**
 * Brings the database to what this version needs: every SQL file in `migrations/` that is not recorded yet, in the order
 * of their names, each in a transaction of its own together with its record. Run as the owner of the tables, by the
 * deployment, never by the application's start. Exit code 0: the database is there; 1: it is where the last line says.
 */

const { join } = require('node:path');
const { Client } = require('pg');
const { demoMigrations, planMigrations, readMigrations } = require('./migration-plan');
const { readSettings, schema } = require('./settings');

/** Any number that no other program of this database takes; two migrators of the same application take the same. */
const lockKey = 743_119_002;

async function migrate(client, migrations, say) {
  // A migrator that died must not hold the lock until its statement ends, nor may this one wait for ever.
  await client.query("SET client_connection_check_interval = '2s'");
  await client.query("SET lock_timeout = '60s'");
  await client.query('SELECT pg_advisory_lock($1)', [lockKey]);
  await client.query(
    `CREATE TABLE IF NOT EXISTS schema_migrations (
       name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`,
  );
  const { rows } = await client.query('SELECT name, checksum FROM schema_migrations');
  const { pending, faults, unknown } = planMigrations(migrations, rows);
  if (faults.length > 0) throw new Error(faults.join('; '));
  for (const name of unknown)
    say(`${name} is recorded and not known to this version: a newer one has run here`);
  for (const { name, sql, checksum } of pending) {
    const started = performance.now();
    say(`applying ${name}`);
    try {
      await client.query('BEGIN');
      await client.query(sql);
      await client.query('INSERT INTO schema_migrations (name, checksum) VALUES ($1, $2)', [name, checksum]);
      await client.query('COMMIT');
    } catch (cause) {
      await client.query('ROLLBACK').catch(() => undefined);
      throw new Error(`${name} failed and was rolled back: ${cause.message}`, { cause });
    }
    say(`applied ${name} in ${Math.round(performance.now() - started)} ms`);
  }
  say(`done: ${pending.length} applied now, ${migrations.length - pending.length} before`);
}

async function main(environment) {
  const say = (line) => process.stdout.write(`migrate: ${line}\n`);
  const { settings, faults } = readSettings(environment, { DATABASE_URL: schema.DATABASE_URL });
  const demo = environment.DEMO_MIGRATION || undefined;
  if (demo && !Object.hasOwn(demoMigrations, demo)) {
    faults.push(`DEMO_MIGRATION is ${JSON.stringify(demo)}: it must be fail or hang`);
  }
  if (faults.length > 0) {
    for (const fault of faults) say(fault);
    say('failed: nothing was done');
    return 1;
  }
  const client = new Client({
    connectionString: settings.DATABASE_URL,
    connectionTimeoutMillis: 10_000,
    application_name: 'cogni-demo-app-migrate',
  });
  // Without a listener a connection that breaks between two queries would end the process without a word.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await migrate(client, readMigrations(join(__dirname, 'migrations'), demo), say);
    return 0;
  } catch (cause) {
    say(`failed: ${cause.message}`);
    return 1;
  } finally {
    await client.end().catch(() => undefined);
  }
}

// Process number 1 of a container gets no signal that it does not listen to.
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => {
    process.stdout.write(`migrate: failed: ${signal}; the migration in hand is rolled back\n`);
    process.exit(1);
  });
}
main(process.env).then((code) => process.exit(code));
