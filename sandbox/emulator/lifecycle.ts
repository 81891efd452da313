import { released } from './addresses';
import { drop, listOf, put, type Job, type Server, type State } from './state';

/**
 * Transitions that no call makes: time passes, and work on machines ends. The record of a server moves on only when
 * both have happened, so that the API never calls a server active whose machine has not started.
 */

/** The state as time alone has made it. */
export function afterTime(state: State, now: number): State {
  return listOf(state.servers).reduce((next, server) => advanced(next, server, now), state);
}

function advanced(state: State, server: Server, now: number): State {
  const { due } = server;
  const working = state.jobs.some((job) => job.server === server.id);
  switch (server.state) {
    case 'pending':
    case 'provisioning':
      if (now >= due.active && !working) {
        return put(state, 'servers', {
          ...server,
          state: 'active',
          status: 'deployed',
          power: 'on',
          installed: true,
        });
      }
      if (server.state === 'pending' && now >= due.provisioning) {
        return put(state, 'servers', { ...server, state: 'provisioning' });
      }
      return state;
    case 'active':
    case 'inactive':
      if (server.status !== 'deploying' || now < due.deployed || working) return state;
      return put(state, 'servers', { ...server, status: 'deployed' });
    case 'terminating':
      if (due.gone === null || now < due.gone || working) return state;
      return drop(released(state, server), 'servers', server.id);
    case 'failed':
      return state;
  }
}

/** The state after the work on a machine was done. */
export const afterJob = (state: State, job: Job, now: number): State =>
  afterTime({ ...state, jobs: state.jobs.filter(({ id }) => id !== job.id) }, now);

/** Failures that are kept for the control API. */
const keptFailures = 100;

/**
 * The state after the work on a machine failed. A server that cannot be created or reinstalled says so in its record.
 * One that cannot be removed stays `terminating` and keeps its address, since the machine may still be using it; the
 * job waits for a retry.
 */
export function afterFailedJob(before: State, job: Job, message: string, now: number): State {
  const failure = { at: now, server: job.server, kind: job.kind, message };
  const state = { ...before, failures: [...before.failures, failure].slice(-keptFailures) };
  const server = state.servers[job.server];
  if (job.kind === 'remove') {
    return {
      ...state,
      jobs: state.jobs.map((other) => (other.id === job.id ? { ...other, failed: true } : other)),
    };
  }
  const done = { ...state, jobs: state.jobs.filter(({ id }) => id !== job.id) };
  if (!server || job.kind === 'power') return afterTime(done, now);
  const failed: Server =
    job.kind === 'create' && server.state !== 'terminating'
      ? { ...server, state: 'failed', status: 'failed deployment', power: 'off' }
      : { ...server, status: 'failed deployment' };
  return afterTime(put(done, 'servers', failed), now);
}
