'use strict';

const { setTimeout: sleep } = require('node:timers/promises');
const { Pool } = require('pg');

/** Milliseconds that a request may spend on the database: a hung one must not hang the application for ever. */
const bound = 10_000;

/** Connections at most. */
const connections = 10;

/** Milliseconds for saying whether the database can be reached: whoever asks has little time. */
const checkBound = 2_000;

const addNote = `INSERT INTO notes (text, idempotency_key) VALUES ($1, $2)
   ON CONFLICT (idempotency_key) DO UPDATE SET seen = notes.seen + 1
 RETURNING id, text, seen, created_at AS "createdAt"`;

/** The notes, in PostgreSQL. Needs SELECT, INSERT and UPDATE on the table and nothing else. */
class NoteStore {
  #pool;

  constructor(connectionString, onError) {
    this.#pool = new Pool({
      connectionString,
      max: connections,
      connectionTimeoutMillis: bound,
      statement_timeout: bound,
      query_timeout: bound + 500,
      application_name: 'cogni-demo-app',
    });
    // A connection that breaks while idle: the pool replaces it, and without a listener it would end the process.
    this.#pool.on('error', onError);
  }

  /** Resolves when the database can be reached and has the table that this version needs. */
  async check() {
    const late = new AbortController();
    const limit = sleep(checkBound, undefined, { signal: late.signal }).then(() => {
      throw new Error(`the database did not answer within ${checkBound} ms`);
    });
    const asked = this.#pool.query('SELECT id, text, idempotency_key, seen, created_at FROM notes LIMIT 0');
    try {
      await Promise.race([asked, limit]);
    } finally {
      late.abort();
      // Whichever comes second has nobody to tell.
      for (const one of [asked, limit]) one.catch(() => undefined);
    }
  }

  /**
   * Opens all connections, one after the other, and asks a little on each: a new connection's server reads the catalog for the
   * first statement of each kind, which takes longer than the statement (EXPLAIN plans one, and writes nothing). They are
   * closed again when nobody needs them for ten seconds.
   *
   * @param {AbortSignal} signal after which no more are opened
   */
  async open(signal) {
    const clients = [];
    try {
      while (clients.length < connections && !signal.aborted) {
        const client = await this.#pool.connect();
        clients.push(client);
        for (let times = 0; times < 5; times += 1) {
          await client.query('SELECT id FROM notes LIMIT 0');
          await client.query(`EXPLAIN ${addNote}`, ['', null]);
        }
      }
    } finally {
      for (const client of clients) client.release();
    }
  }

  /** The newest fifty and how many there are. */
  async list() {
    const { rows } = await this.#pool.query(
      'SELECT id, text, seen, created_at AS "createdAt" FROM notes ORDER BY id DESC LIMIT 50',
    );
    const { rows: counted } = await this.#pool.query('SELECT count(*)::int AS count FROM notes');
    return { count: counted[0].count, notes: rows };
  }

  /**
   * Adds a note. A key that was used before adds none: it gives the first note again and counts how often the key came,
   * so that a request that was sent twice can be seen from outside.
   *
   * @returns {{ note: object, replayed: boolean }}
   */
  async add(text, key) {
    const { rows } = await this.#pool.query(addNote, [text, key ?? null]);
    return { note: rows[0], replayed: rows[0].seen > 1 };
  }

  /** Adds a note, and says as whom. @returns {{ note: object, role: string }} */
  async addAs(text) {
    const { rows } = await this.#pool.query(
      'INSERT INTO notes (text) VALUES ($1) RETURNING id, text, current_user AS role',
      [text],
    );
    const { role, ...note } = rows[0];
    return { note, role };
  }

  close() {
    return this.#pool.end();
  }
}

module.exports = { NoteStore };
