import { readFileSync } from 'node:fs';
import type { Clock } from '../../foundation/clock';
import { Failure, messageOf } from '../../foundation/failure';
import { Api } from './api';
import { initialCatalogue } from './catalogue';
import type { Config } from './config';
import { startControl } from './control';
import { DnsRecords } from './dns-records';
import { Jobs } from './jobs';
import type { Machines } from './machines';
import { save, tryLoad, type Ports } from './persistence';
import { startProxy } from './proxy';
import { RequestLog } from './request-log';
import { serve } from './server';
import { changedSettings, defaultSettings } from './settings';
import { initialState, type State } from './state';
import { Store } from './store';
import { Tokens } from './tokens';

export interface EmulatorProps {
  readonly config: Config;
  readonly machines: Machines;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

/** An emulator that listens. */
export interface Emulator {
  readonly ports: Ports;
  /** Stops listening, ends all connections, and waits for the work under way on machines until `grace` has passed. */
  close(grace: number): Promise<void>;
}

/** Where a clock that stands begins. */
const standingSince = Date.UTC(2026, 0, 1);

/**
 * Starts an emulator: takes up the state that the last one left, finishes its work on machines, and listens.
 * @throws Failure when a port is taken, or a certificate or the state cannot be read.
 */
export async function startEmulator({ config, machines, clock, log }: EmulatorProps): Promise<Emulator> {
  const initial = (): State =>
    initialState({
      settings: changedSettings(defaultSettings, config.settings),
      catalogue: initialCatalogue,
      teams: config.teams,
    });
  const kept = tryLoad(config.stateFile);
  let ports = kept?.ports;
  const dns = new DnsRecords(config.dnsHosts, config.domains);
  const store = new Store(
    kept ? withNewSettings(kept.state) : initial(),
    (state) => save(config.stateFile, { ports, state }),
    (state) => dns.follow(state),
  );
  dns.follow(store.state);

  const now = (): number =>
    (config.clock === 'running' ? clock.now().getTime() : standingSince) + store.state.clockAhead;
  const tokens = new Tokens(config.tokens);
  const requests = new RequestLog();
  const jobs = new Jobs({ store, machines, clock, now, log, deadline: config.machineDeadline * 1000 });
  const api = new Api({ store, jobs, tokens, pools: config.addresses, now, log });

  const proxy = await onOldPort(config.ports.proxy, ports?.proxy, log, (port) =>
    startProxy({
      host: config.host,
      port,
      credentials: () => ({ cert: readPem(config.tls.certificate), key: readPem(config.tls.key) }),
      log,
      onRequest: (request, response, connection) => {
        serve({ api, store, tokens, requests, clock, now, log }, request, response, connection).catch(
          (thrown: unknown) => {
            log(`a call ended without an answer: ${messageOf(thrown)}`);
            response.destroy();
          },
        );
      },
    }),
  );
  const control = await onOldPort(config.ports.control, ports?.control, log, (port) =>
    startControl(
      { store, jobs, machines, requests, tokens, pools: config.addresses, now, initial, log },
      port,
    ),
  ).catch(async (thrown: unknown) => {
    await proxy.close();
    throw thrown;
  });
  ports = { proxy: proxy.port, control: control.port };
  save(config.stateFile, { ports, state: store.state });
  jobs.retry();

  return {
    ports,
    close: async (grace) => {
      await Promise.all([proxy.close(), control.close()]);
      const ended = new AbortController();
      await Promise.race([jobs.idle(), clock.sleep(grace, ended.signal)]);
      ended.abort();
    },
  };
}

/** A state that an emulator left which did not know of every setting yet. */
const withNewSettings = (state: State): State => ({
  ...state,
  settings: { ...defaultSettings, ...state.settings },
});

/** Listens where the last process did, so that clients find it there; elsewhere when that port is taken by now. */
async function onOldPort<T>(
  configured: number,
  old: number | undefined,
  log: (line: string) => void,
  start: (port: number) => Promise<T>,
): Promise<T> {
  if (configured !== 0 || old === undefined) return start(configured);
  try {
    return await start(old);
  } catch (thrown) {
    log(`port ${old}, used before, is taken: ${messageOf(thrown)}; another one is taken instead`);
    return start(0);
  }
}

function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Failure({
      what: `the emulator's TLS file ${file} cannot be read: ${messageOf(cause)}`,
      next: './cogni sandbox up makes it again',
      cause,
    });
  }
}
