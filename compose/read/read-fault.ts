/** One thing that keeps a compose file from being read, or from being written again. */
export interface ReadFault {
  /** Stable: see {@link readFaultCodes}. */
  readonly code: ReadFaultCode;
  /** The file that it was found in. */
  readonly file: string;
  /** Line in that file, from 1, where it is known. */
  readonly line?: number;
  /** The keys that lead to it, `services/app/ports/0`; empty for a file as a whole. */
  readonly path: string;
  /** What is wrong and what is allowed. Never a value of the file: that could be a secret. */
  readonly message: string;
}

/** What can be wrong with a file before any rule of a composition is asked. Codes are never reused and never changed. */
export const readFaultCodes = {
  'COMPOSE-901': 'every file that is named can be read',
  'COMPOSE-902': 'a file is YAML, and every reader takes it for the same',
  'COMPOSE-903': 'a document has the shape that the Compose schema allows',
  'COMPOSE-904': 'a value is overridden by one of its own kind',
  'COMPOSE-905': 'extends names a service that is there, and ends',
  'COMPOSE-906': 'include names files that can be read, ends, and declares nothing a second time',
  'COMPOSE-907': 'a value can be written so that every reader takes it for the same',
} as const;

export type ReadFaultCode = keyof typeof readFaultCodes;
