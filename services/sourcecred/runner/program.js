'use strict';
const { spawn } = require('node:child_process');

/** Given to what was told to end before it is ended. */
const graceMilliseconds = 10_000;

/**
 * Starts a program of Node.js in a process group of its own, so that what it starts itself ends with it. Its output goes to our
 * own, line by line as it comes.
 *
 * @param words the program's file and its arguments
 * @param options of `spawn`, and how many milliseconds it may take
 * @returns `ended`, which rejects with how it ended when that was not well, or that it took too long; and `stop`, which tells
 *   it to end
 */
function startProgram(words, { name, milliseconds, grace = graceMilliseconds, ...options }) {
  const child = spawn(process.execPath, words, {
    stdio: ['ignore', 'inherit', 'inherit'],
    ...options,
    detached: true,
  });
  const signal = (which) => {
    try {
      process.kill(-child.pid, which);
    } catch {
      // Nobody of the group is there any more.
    }
  };
  let late = false;
  let ending;
  const stop = () => {
    if (child.pid === undefined || ending) return;
    signal('SIGTERM');
    ending = setTimeout(() => signal('SIGKILL'), grace);
  };
  const ended = new Promise((resolve, reject) => {
    const deadline = setTimeout(() => {
      late = true;
      stop();
    }, milliseconds);
    const settle = (done, value) => {
      clearTimeout(deadline);
      clearTimeout(ending);
      done(value);
    };
    child.on('error', (cause) => settle(reject, cause));
    child.on('exit', (code, by) => {
      // What it started and left behind.
      signal('SIGKILL');
      if (late) settle(reject, new Error(`${name} did not end within ${milliseconds / 60_000} minutes`));
      else if (code === 0) settle(resolve);
      else settle(reject, new Error(`${name} ended with ${by ?? `exit code ${code}`}`));
    });
  });
  return { ended, stop };
}

module.exports = { startProgram };
