import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { sandboxSource } from '../../../../sandbox/sources';

/** The parts of the demo application that need no database, typed: it is plain JavaScript, run as it is. */
const load = createRequire(sandboxSource('demo-app', 'server.js'));

export interface Note {
  id: string;
  text: string;
  seen: number;
}

export interface Store {
  check(): Promise<void>;
  list(): Promise<{ count: number; notes: Note[] }>;
  add(text: string, key?: string): Promise<{ note: Note; replayed: boolean }>;
  addAs(text: string): Promise<{ note: Note; role: string }>;
}

interface Models {
  ask(question: string): Promise<{ model: string; answer: string }>;
}

export const { readSettings, schema } = load('./settings') as {
  readSettings(
    environment: Record<string, string | undefined>,
    wanted?: Record<string, unknown>,
  ): { settings: Record<string, string | number | undefined>; faults: string[] };
  schema: Record<string, unknown>;
};

export const { parseMisbehaviour } = load('./misbehaviour') as {
  parseMisbehaviour(text: string | undefined): { kind?: string; milliseconds: number };
};

interface Migration {
  name: string;
  sql: string;
  checksum: string;
}

export const { planMigrations, readMigrations } = load('./migration-plan') as {
  readMigrations(folder: string, demo?: 'fail' | 'hang'): Migration[];
  planMigrations(
    migrations: readonly Migration[],
    recorded: readonly { name: string; checksum: string }[],
  ): { pending: Migration[]; faults: string[]; unknown: string[] };
};

export const { Models, NoAnswer } = load('./models') as {
  Models: new (baseUrl: string, key: string, ask?: typeof fetch) => Models;
  NoAnswer: new (status: number, message: string) => Error & { status: number };
};

export const { warmUp } = load('./warm-up') as {
  warmUp(app: {
    port: number;
    store: { open(signal: AbortSignal): Promise<void> };
    within?: number;
  }): Promise<void>;
};

export const { createApp } = load('./app') as {
  createApp(app: {
    build: { version: string; buildSha: string };
    store: Store;
    models?: Models | undefined;
    misbehaviour: { kind?: string; milliseconds: number };
    isStopping: () => boolean;
    isWarm: () => boolean;
    crash: (reason: string) => void;
    log: (level: string, message: string, fields?: object) => void;
  }): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
};
