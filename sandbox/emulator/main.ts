import { rmSync } from 'node:fs';
import { systemClock } from '../../foundation/clock';
import { ExitCode, Failure } from '../../foundation/failure';
import { withFileLock } from '../../foundation/file-lock';
import { writeAtomically } from '../../foundation/files';
import { dockerAt } from '../docker';
import { dockerMachines } from '../host/machines';
import { readConfig, type Config, type ReadyFile } from './config';
import { startEmulator } from './emulator';
import type { Machines } from './machines';
import { MemoryMachines } from './memory-machines';

/**
 * The emulator as a process: `node dist/sandbox/emulator/main.js <config.json>`. Logs to standard output, ends on
 * SIGTERM or SIGINT with exit code 0.
 */

/** Milliseconds that a machine's boot may go on after the signal to end; what is not done then is done at the next start. */
const grace = 2_000;

/** Milliseconds in which a killed emulator's lock becomes free. */
const lockWait = 2_000;

const log = (line: string): void => void process.stdout.write(`${new Date().toISOString()} ${line}\n`);

async function main(file: string | undefined): Promise<void> {
  if (file === undefined) {
    throw new Failure({
      what: 'no configuration file was given',
      next: 'node dist/sandbox/emulator/main.js <config.json>',
      exitCode: ExitCode.usage,
    });
  }
  const config = readConfig(file);
  const ended = signalled();
  const purpose = `emulating ${config.host}`;
  await withFileLock(`${config.stateFile}.lock`, { purpose, wait: lockWait }, async () => {
    // One that a killed process left names a process that is no more.
    rmSync(config.readyFile, { force: true });
    const emulator = await startEmulator({ config, machines: machinesOf(config), clock: systemClock, log });
    const ready: ReadyFile = {
      pid: process.pid,
      proxy: `http://127.0.0.1:${emulator.ports.proxy}`,
      control: `http://127.0.0.1:${emulator.ports.control}`,
    };
    writeAtomically(config.readyFile, `${JSON.stringify(ready)}\n`);
    log(`ready: ${config.host} through ${ready.proxy}, control API at ${ready.control}/_emu`);
    log(`ending: ${await ended}`);
    rmSync(config.readyFile, { force: true });
    await emulator.close(grace);
  });
  log('ended');
}

function machinesOf({ machines }: Config): Machines {
  if (machines.kind === 'memory') return new MemoryMachines();
  const { engine, world, authority, dns, image, folder } = machines;
  return dockerMachines({ docker: dockerAt(engine), world, authority, dns, image, folder });
}

const signalled = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    process.on('SIGTERM', resolve);
    process.on('SIGINT', resolve);
  });

main(process.argv[2]).then(
  () => process.exit(ExitCode.done),
  (thrown: unknown) => {
    const text =
      thrown instanceof Failure ? thrown.message : thrown instanceof Error ? thrown.stack : String(thrown);
    process.stderr.write(`${text ?? ''}\n`);
    process.exit(thrown instanceof Failure ? thrown.exitCode : ExitCode.failed);
  },
);
