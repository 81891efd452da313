import { scheduleDrift, type Schedule } from '../../../../deploy/drift/schedules';

const unit = (path: string, more: Partial<Schedule> = {}): Schedule => ({
  ...{ kind: 'unit', path: `/etc/systemd/system/${path}`, delivered: false, changed: false },
  ...more,
});
const found = (...schedules: readonly Schedule[]): readonly string[] =>
  scheduleDrift(schedules).map(({ of, name, what }) => `${of} ${name}: ${what}`);

describe('units and cron jobs that are younger than their host', () => {
  it('are no drift where the bootstrap or a package brought them, or a link enables such a one', () => {
    expect(
      found(
        unit('cogni-firewall.service'),
        unit('multi-user.target.wants/cogni-firewall.service', {
          link: '/etc/systemd/system/cogni-firewall.service',
        }),
        unit('sockets.target.wants/docker.socket', { link: '/usr/lib/systemd/system/docker.socket' }),
        unit('sshd.service', { link: '/lib/systemd/system/ssh.service' }),
        { kind: 'cron', path: '/etc/cron.d/e2scrub_all', delivered: true, changed: false },
      ),
    ).toEqual([]);
  });

  it('are no drift where snap wrote them, which it does at each update', () => {
    expect(
      found(
        unit('snap-core22-1722.mount'),
        unit('multi-user.target.wants/snap-core22-1722.mount', {
          link: '/etc/systemd/system/snap-core22-1722.mount',
        }),
      ),
    ).toEqual([]);
  });

  it('are drift where somebody wrote them: a unit, a change of one beside it, a job, a crontab', () => {
    expect(
      found(
        unit('miner.service'),
        unit('docker.service.d/override.conf'),
        { kind: 'cron', path: '/var/spool/cron/crontabs/deploy', delivered: false, changed: false },
        unit('timers.target.wants/miner.timer', { link: '/home/deploy/miner.timer' }),
      ),
    ).toEqual([
      'unit /etc/systemd/system/miner.service: is there, and neither the bootstrap nor a package brought it',
      'unit /etc/systemd/system/docker.service.d/override.conf: is there, and neither the bootstrap nor a package brought it',
      'cron /var/spool/cron/crontabs/deploy: is there, and neither the bootstrap nor a package brought it',
      'unit /etc/systemd/system/timers.target.wants/miner.timer: is there, and neither the bootstrap nor a package brought it (a link to /home/deploy/miner.timer)',
    ]);
  });

  it('are drift where one was masked, or changed after its package had delivered it', () => {
    expect(
      found(unit('apt-daily-upgrade.timer', { link: '/dev/null' }), {
        kind: 'cron',
        path: '/etc/crontab',
        delivered: false,
        changed: true,
      }),
    ).toEqual([
      'unit /etc/systemd/system/apt-daily-upgrade.timer: is masked: it cannot be started',
      'cron /etc/crontab: is not as its package delivered it',
    ]);
  });
});
