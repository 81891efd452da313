import { app } from '../app-contract';

export interface ProbeProps {
  readonly port: number;
  /** Milliseconds in which `/readyz` and `/livez` are answered, or are not. */
  readonly readyWithin: number;
  readonly liveWithin: number;
  /** Milliseconds without a sign of life, once there was one, after which the application is ended. */
  readonly deadAfter: number;
  /** Milliseconds from the first probe to the first sign of life, after which it is ended as well. */
  readonly bornWithin: number;
  /**
   * File whose time of change is the last sign of life, by the clock that begins with the machine; gone with the container. It is empty:
   * the application fills the same small file system, and what has no content can be neither cut off nor refused for want of room.
   */
  readonly memory: string;
  /** Process whose children are the application: the container's init. */
  readonly init: number;
}

/**
 * The application's health check, as a program for `node -e`. Its exit code is the container's health: 0 when the
 * application says that it is ready (`/readyz`), within a time that no slow third party can stretch. What it says otherwise is kept by
 * Docker with the result, where a failed deploy shows it.
 *
 * `/livez` decides restarts, and nothing else does: an application that has not answered it for so long in its life, or since its
 * start for as long as a start may take, is hung. It is killed, and the restart policy starts it anew. One that is alive and not ready is left
 * alone: another start would not mend what it waits for. Where nothing can be remembered none is ended, since nobody knows for how long it
 * has been silent. Docker itself restarts nothing that is unhealthy, and whoever does it from outside needs the engine's socket.
 */
export function appProbe({
  port,
  readyWithin,
  liveWithin,
  deadAfter,
  bornWithin,
  memory,
  init,
}: ProbeProps): string {
  const file = JSON.stringify(memory);
  const url = (path: string): string => JSON.stringify(`http://127.0.0.1:${port}${path}`);
  return `
const fs = require('node:fs');
const ask = (url, limit) => fetch(url, { signal: AbortSignal.timeout(limit) }).then(
  (answer) => answer.text().then((text) => ({ ok: answer.ok, said: answer.status + ' ' + text.trim().slice(0, 300) })))
  .catch((error) => ({ ok: false, said: String(error.cause?.message ?? error.message) }));
const now = Number(process.hrtime.bigint() / 1000000n);
const note = (time) => {
  try {
    fs.closeSync(fs.openSync(${file}, 'a'));
    fs.utimesSync(${file}, time / 1000, time / 1000);
  } catch {}
  return time;
};
const noted = () => { try { return fs.statSync(${file}).mtimeMs; } catch { return Infinity; } };
// A new file has the time of the calendar, far ahead, until it has ours.
const last = () => { const time = noted(); return time <= now + ${bornWithin} ? time : note(now + ${bornWithin - deadAfter}); };
const application = () => fs.readdirSync('/proc').filter((id) => {
  try { return /^\\d+$/.test(id) && fs.readFileSync('/proc/' + id + '/stat', 'utf8').split(') ').pop().split(' ')[1] === '${init}'; }
  catch { return false; }
});
const heard = (answer) => { if (answer.ok) note(now); return answer; };
const ready = ask(${url(app.paths.ready)}, ${readyWithin}).then(heard);
const live = ask(${url(app.paths.live)}, ${liveWithin}).then(heard).then((answer) => {
  // Before /readyz is known: Docker ends a probe that takes too long, and what has not been decided by then never is.
  if (!answer.ok && now - last() >= ${deadAfter}) {
    console.log('${app.paths.live} has not answered for ${deadAfter / 1000} s, or for ${bornWithin / 1000} s since the start: the application is ended, to be started again');
    fs.rmSync(${file}, { force: true });
    for (const id of application()) process.kill(Number(id), 'SIGKILL');
  }
  return answer;
});
Promise.all([ready, live]).then(([ready, live]) => {
  if (!ready.ok) console.log('${app.paths.ready}: ' + ready.said);
  if (!ready.ok && !live.ok) console.log('${app.paths.live} does not answer');
  process.exit(ready.ok ? 0 : 1);
});
`.trim();
}
