import { Groups } from '../../rehearsal/groups';

describe('a concurrency group', () => {
  const entered = (groups: Groups, name: string, cancelInProgress = false) => {
    const member = { state: 'waits', cancelled: false, leave: (): void => undefined };
    const done = groups
      .enter(name, cancelInProgress, () => (member.cancelled = true))
      .then((leave) => {
        member.state = leave === undefined ? 'superseded' : 'runs';
        if (leave) member.leave = leave;
      });
    return { member, done };
  };
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('lets one run at a time, and the next one when that has left', async () => {
    const groups = new Groups();
    const [first, second] = [entered(groups, 'deploy'), entered(groups, 'deploy')];
    await settled();
    expect([first.member.state, second.member.state]).toEqual(['runs', 'waits']);
    first.member.leave();
    await settled();
    expect(second.member.state).toBe('runs');
    second.member.leave();
    await settled();
    const third = entered(groups, 'deploy');
    await third.done;
    expect(third.member.state).toBe('runs');
  });

  it('lets a newer one take the place of the one that waits, and never cuts the one that runs', async () => {
    const groups = new Groups();
    const [first, second, third] = [1, 2, 3].map(() => entered(groups, 'deploy'));
    await settled();
    expect([first, second, third].map((each) => each?.member.state)).toEqual(['runs', 'superseded', 'waits']);
    expect(first?.member.cancelled).toBe(false);
  });

  it('cuts the one that runs where that is said', async () => {
    const groups = new Groups();
    const [first, second] = [entered(groups, 'checks', true), entered(groups, 'checks', true)];
    await settled();
    expect([first.member.cancelled, second.member.state]).toEqual([true, 'waits']);
  });

  it('has nothing to do with another one', async () => {
    const groups = new Groups();
    const [first, second] = [entered(groups, 'one'), entered(groups, 'other')];
    await settled();
    expect([first.member.state, second.member.state]).toEqual(['runs', 'runs']);
  });
});
