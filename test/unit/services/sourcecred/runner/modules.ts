import { resolve } from 'node:path';
import type { Server } from 'node:http';

const folder = resolve('services/sourcecred/runner');

export const { createSite } = jest.requireActual<{
  createSite(options: { instance: string; ready: () => boolean }): Server;
}>(`${folder}/server.js`);

export const { guardLedger, hasOutput, prepareInstance } = jest.requireActual<{
  prepareInstance(settings: { configuration: string; instance: string }): void;
  guardLedger(instance: string): 'kept' | 'taken back' | 'begun';
  hasOutput(instance: string): boolean;
}>(`${folder}/instance.js`);

export const { readSettings } = jest.requireActual<{
  readSettings(variables: Readonly<Record<string, string | undefined>>): {
    readonly faults: readonly string[];
    readonly settings: { readonly port: number; readonly recomputeHours: number };
  };
}>(`${folder}/settings.js`);

export const { startProgram } = jest.requireActual<{
  startProgram(
    words: readonly string[],
    options: {
      readonly name: string;
      readonly milliseconds: number;
      readonly grace?: number;
      readonly stdio?: 'ignore';
    },
  ): { readonly ended: Promise<void>; readonly stop: () => void };
}>(`${folder}/program.js`);
