import fc from 'fast-check';
import { conditionIds } from '../../../../recovery/watch/conditions';
import { messageOf, nextToTell, queued, type Message } from '../../../../recovery/watch/messages';
import { listenText } from '../../../../recovery/watch/serve-metrics';
import { watchUnit } from '../../../../recovery/watch/unit';

const change = { condition: 'host', status: 'firing', since: 0, why: 'nothing answers on SSH' } as const;

describe('a message', () => {
  it('names environment, what is wrong, since when, why and what to run next', () => {
    expect(messageOf('preview', change, 50_000).text).toBe(
      'preview: the host does not answer, since 1970-01-01T00:00:00Z: nothing answers on SSH. Next: ./cogni host check preview',
    );
    expect(messageOf('preview', { ...change, status: 'resolved' }, 90_000).text).toBe(
      'preview: over, since 1970-01-01T00:01:30Z: the host does not answer (from 1970-01-01T00:00:00Z on)',
    );
  });

  it('calls nobody in a chat and hides no link, whatever a host said', () => {
    const { text } = messageOf('preview', { ...change, why: '<!channel> @here <http://x|y>' }, 1);
    expect(text).not.toMatch(/<|>|@(?!\u200b)/);
  });

  it('is short enough for a chat, whatever is wrong, and still says what to run next', () => {
    const why = Array.from({ length: 300 }, (_, gap) => `${gap} segments <of> the log & more`).join('; ');
    const message = messageOf('preview', { ...change, why }, 1);
    expect(message.why).toHaveLength(1_000);
    expect(message.text.length).toBeLessThanOrEqual(3_500);
    expect(message.text).toMatch(/…\. Next: \.\/cogni host check preview$/);
    const { text } = messageOf('preview', { ...change, why: '&'.repeat(2_000) }, 1);
    expect(text.length).toBeLessThanOrEqual(3_500);
    expect(text).toMatch(/&amp;…$/);
  });

  it('that is critical is told first, and one that nobody took after all others, what is over behind what began', () => {
    const of = (condition: (typeof conditionIds)[number], status: Message['status'] = 'firing'): Message =>
      messageOf('preview', { ...change, condition, status }, 1);
    const queue = [of('backup'), of('host'), of('host', 'resolved'), of('disk')];
    expect(nextToTell(queue, new Set())).toBe(queue[1]);
    expect(nextToTell(queue, new Set(['cogni/preview/host']))).toBe(queue[0]);
    expect(nextToTell(queue, new Set(['cogni/preview/host', 'cogni/preview/backup']))).toBe(queue[3]);
    expect(nextToTell(queue.slice(0, 1), new Set(['cogni/preview/backup']))).toBeUndefined();
  });

  it('waits in a queue that stays small, the newest of each kind once', () => {
    const message = (
      condition: (typeof conditionIds)[number],
      status: Message['status'],
      at: number,
    ): Message => messageOf('preview', { ...change, condition, status }, at);
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.constantFrom(...conditionIds), fc.constantFrom('firing' as const, 'resolved' as const)),
        ),
        (all) => {
          const queue = all.reduce<readonly Message[]>(
            (before, [condition, status], at) => queued(before, message(condition, status, at)),
            [],
          );
          const kinds = queue.map(({ key, status }) => `${key} ${status}`);
          expect(new Set(kinds).size).toBe(kinds.length);
          if (all.length > 0) expect(queue.at(-1)?.condition).toBe(all.at(-1)?.[0]);
        },
      ),
    );
  });
});

describe('the systemd unit of a watch', () => {
  it('runs it for ever, as a user of its own, with its secrets from a file', () => {
    const unit = watchUnit({
      environments: ['preview', 'production'],
      checkout: '/srv/cogni infra',
      options: ['--listen', '127.0.0.1:9464'],
    });
    expect(unit).toContain(
      'ExecStart="/srv/cogni infra/cogni" watch preview production --listen 127.0.0.1:9464\n',
    );
    expect(unit).toContain('\nRestart=always\n');
    expect(unit).toContain('\nEnvironmentFile=/etc/cogni/watch.env\n');
    expect(unit).toContain('\nReadWritePaths="/srv/cogni infra/.cogni"\n');
  });

  it('lets systemd expand nothing in a path', () => {
    const unit = watchUnit({ environments: ['preview'], checkout: '/srv/%h$HOME', options: [] });
    expect(unit).toContain('ExecStart="/srv/%%h$$HOME/cogni" watch preview\n');
    expect(unit).toContain('\nWorkingDirectory=/srv/%%h$HOME\n');
  });

  it('names a place to listen as the command takes it', () => {
    expect(listenText({ host: '::1', port: 9464 })).toBe('[::1]:9464');
    expect(listenText({ host: '127.0.0.1', port: 9464 })).toBe('127.0.0.1:9464');
  });
});
