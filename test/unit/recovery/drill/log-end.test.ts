import { endSince, type LogEndFacts } from '../../../../recovery/drill/log-end';
import { alone } from '../../deploy/backup/log';

const at = (time: string): Date => new Date(`2026-11-21T${time}Z`);
const segment = (position: number, timeline = 1): string => `0000000${timeline}000000000000000${position}`;
const target = at('12:06:00');
/** No target is finer: the last commit itself. */
const itself = at('12:05:59.999');

/** The archive was away, and of what waited the first piece came at 12:10:05: what it has was written minutes before. */
const late: LogEndFacts = {
  way: { last: segment(5), hole: undefined },
  archived: [{ first: segment(3), last: segment(5), from: at('11:00:00'), to: at('12:10:05') }],
  backups: [{ log: { start: segment(3), stop: segment(3) }, begun: at('10:59:50') }],
  from: at('11:00:00'),
  timeout: 15,
  now: at('13:00:00'),
};
const arrived = (time: string): Pick<LogEndFacts, 'archived'> => ({
  archived: [alone(segment(5), at(time))],
});
const server = (current: string, ...waiting: string[]): Pick<LogEndFacts, 'server'> => ({
  server: { current, waiting },
});

describe('the end of the log as a moment in time that no commit in it follows', () => {
  it('is not the moment where the last piece came long after its last commit, unless that commit is what is asked for', () => {
    expect(endSince(target, late)).toEqual(itself);
    expect(endSince(at('12:10:05'), late)).toEqual(at('12:08:50'));
  });

  it('is it where the last piece came at once and nothing behind it: within the time after which log is sent, and a minute for sending and clocks', () => {
    const prompt = { ...late, ...arrived('12:06:05') };
    expect(endSince(target, prompt)).toEqual(at('12:04:50'));
    expect(endSince(target, { ...prompt, timeout: 45 })).toEqual(at('12:04:20'));
  });

  it('is not yet known while the next piece may be on its way', () => {
    const fresh = { ...late, ...arrived('12:06:00') };
    expect(endSince(target, { ...fresh, now: at('12:07:14') })).toEqual(itself);
    expect(endSince(target, { ...fresh, now: at('12:07:15') })).toEqual(at('12:04:45'));
  });

  it('is it, wherever the last commit is, where the server has sent all it has, and is not where it has more to send', () => {
    expect(endSince(target, { ...late, ...server(segment(6)) })).toBeUndefined();
    expect(endSince(target, { ...late, ...server(segment(7), segment(6)) })).toEqual(itself);
    const prompt = { ...late, ...arrived('12:06:05') };
    expect(endSince(target, { ...prompt, ...server(segment(7), segment(6)) })).toEqual(itself);
    const fresh = { ...late, ...server(segment(6)), now: at('12:10:10') };
    expect(endSince(target, fresh)).toEqual(itself);
  });

  it('is not known by a server of another history', () => {
    expect(endSince(target, { ...late, ...server(segment(6, 2)) })).toEqual(itself);
  });

  it('is it, wherever the last commit is, where a backup was begun later, whose log is there', () => {
    const nightly = (stop: string) => ({
      ...late,
      backups: [{ log: { start: stop, stop }, begun: at('12:06:00') }],
    });
    expect(endSince(target, nightly(segment(5)))).toBeUndefined();
    expect(endSince(at('12:06:00.001'), nightly(segment(5)))).toEqual(target);
    expect(endSince(target, nightly(segment(6)))).toEqual(itself);
    expect(endSince(target, nightly(segment(5, 2)))).toEqual(itself);
  });

  it('is it where nothing was committed since the backup, which has just been made', () => {
    const quiet = { ...late, from: at('12:05:50'), ...arrived('12:06:00') };
    expect(endSince(target, quiet)).toBeUndefined();
  });

  it('is the moment that a refusal at a gap names, and no other one, where log is missing behind it', () => {
    const hole = { after: segment(5), before: segment(8) };
    const gapped = { ...late, way: { last: segment(5), hole } };
    expect(endSince(at('12:10:05'), gapped)).toBeUndefined();
    expect(endSince(target, gapped)).toEqual(itself);
    const prompt = { ...gapped, ...arrived('12:06:05'), ...server(segment(9)) };
    expect(endSince(target, prompt)).toEqual(itself);
  });
});
