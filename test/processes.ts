import { readdirSync, readFileSync } from 'node:fs';

/** A process of this machine, and what it was started with. */
export interface MarkedProcess {
  readonly id: number;
  readonly command: string;
}

/** All processes but this one that were given a variable: `NAME=value`. Whatever they start inherits it. */
export const processesWith = (variable: string): readonly MarkedProcess[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((id) => about(id, 'environ').split('\0').includes(variable))
    .map((id) => ({ id: Number(id), command: about(id, 'cmdline').replaceAll('\0', ' ') }));

/** Nothing of a process that has ended meanwhile, or is somebody else's. */
function about(id: string, file: 'environ' | 'cmdline'): string {
  try {
    return readFileSync(`/proc/${id}/${file}`, 'utf8');
  } catch (thrown) {
    if (['ENOENT', 'ESRCH', 'EACCES'].includes((thrown as NodeJS.ErrnoException).code ?? '')) return '';
    throw thrown;
  }
}
