import { localTransport } from '../../../deploy/local';
import { isHeld } from '../../../deploy/transport';
import { Secret } from '../../../foundation/secret';

const here = localTransport({ env: { GREETING: 'hello' } });
const second = 1000;

describe('the transport on this machine', () => {
  test('runs an argv array without a shell, with standard input and environment', async () => {
    const output = await here.run({
      argv: ['sh', '-c', 'cat; printf " %s $GREETING" "$1"', 'sh', '$(id)'],
      stdin: ['a ', Secret.of('TOKEN', 'b')],
      deadline: 5 * second,
    });
    expect(output).toMatchObject({ code: 0, stdout: 'a b $(id) hello' });
  });

  test('holds a command whose input stays open, and ends it by closing that', async () => {
    const held = await here.hold({ argv: ['cat'], stdin: 'mine\n', deadline: 5 * second });
    if (!isHeld(held)) throw new Error('it ended');
    expect([held.line, held.alive()]).toEqual(['mine', true]);
    await held.release();
    await held.release();
    expect(held.alive()).toBe(false);
  });

  test('says how a command ended that ended before its first line', async () => {
    const ended = await here.hold({ argv: ['sh', '-c', 'echo no >&2; exit 3'], deadline: 5 * second });
    expect(ended).toMatchObject({ code: 3, stderr: 'no\n', timedOut: false });
  });

  test('kills a held command that does not say its first line in time', async () => {
    expect(await here.hold({ argv: ['sleep', '30'], deadline: 50 })).toMatchObject({ timedOut: true });
  });

  test('reports a held program that is not there', async () => {
    const ended = await here.hold({ argv: ['no-such-program'], deadline: 5 * second });
    expect(ended).toMatchObject({ code: 127 });
  });

  test('gives a held command up when it is told to', async () => {
    const abort = new AbortController();
    const ended = here.hold({ argv: ['sleep', '30'], deadline: 20 * second }, { signal: abort.signal });
    abort.abort();
    expect(await ended).toMatchObject({ signal: 'SIGKILL', timedOut: false });
  });
});
