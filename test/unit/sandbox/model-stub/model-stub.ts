import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { sandboxSource } from '../../../../sandbox/sources';

/** The stub of the models' provider, typed: it is plain JavaScript, run as it is. */
const load = createRequire(sandboxSource('model-stub', 'server.js'));

export interface Asked {
  model: string;
  question: string;
  words: number;
  stream: boolean;
  usage: boolean;
}

export const { parseDirective, readRequest } = load('./answers') as {
  parseDirective(question: string): { kind?: string; milliseconds: number };
  readRequest(body: string): Asked;
};

export const { createStub } = load('./stub') as {
  createStub(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
};
