import fc from 'fast-check';
import { parseFindings } from '../../../../deploy/host/findings';
import { parseReport, reportCommand } from '../../../../deploy/host/report';

const ok = {
  time: '2026-11-21T08:24:18Z',
  document: 'ab',
  versions: { docker: '20.10' },
  milliseconds: { identity: 3, edge: 5 },
};
const fail = {
  time: '2026-11-21T08:24:18Z',
  document: 'ab',
  phase: 'edge',
  exitCode: 1,
  command: 'compose pull -q',
};
const printed = (sections: Record<string, string>): string =>
  ['cloud-init', 'cloud-init-unit', 'running', 'ok', 'fail', 'log']
    .map((name) => `\x1e${name}\n${sections[name] ?? ''}`)
    .join('');

describe('what a host reports', () => {
  test('is nothing while it has nothing to say', () => {
    expect(parseReport(printed({}))).toEqual({
      ok: undefined,
      fail: undefined,
      running: false,
      cloudInitEnded: false,
      cloudInitErrors: [],
      phase: undefined,
      log: '',
    });
  });

  test('is its markers, its log and the phase that the log names last', () => {
    const log =
      'T phase identity begins\nT   prove the host keys\nT phase identity done: 1 changes, 3 ms\nT phase packages begins\n';
    const report = parseReport(
      printed({ ok: `${JSON.stringify(ok)}\n`, fail: `${JSON.stringify(fail)}\n`, log }),
    );
    expect(report).toMatchObject({ ok, fail, phase: 'packages', log: log.trimEnd() });
  });

  test('takes the first of two failure markers, and none for one that is half written or of another form', () => {
    const line = JSON.stringify(fail);
    expect(
      parseReport(printed({ fail: `${line}\n${JSON.stringify({ ...fail, phase: 'ssh' })}\n` })).fail,
    ).toEqual(fail);
    expect(parseReport(printed({ fail: line.slice(0, 40) })).fail).toBeUndefined();
    expect(parseReport(printed({ fail: '{"phase":"edge"}\n' })).fail).toBeUndefined();
  });

  test('says whether the script is at work, by the command line of its process', () => {
    expect(parseReport(printed({ running: 'bash /opt/cogni/bootstrap/bootstrap.sh ' })).running).toBe(true);
    expect(parseReport(printed({ running: '/usr/sbin/sshd -D ' })).running).toBe(false);
  });

  test('says that cloud-init has ended, and with which errors', () => {
    const result = JSON.stringify({ v1: { datasource: 'x', errors: ["('locale', ...)"] } }, undefined, 1);
    expect(parseReport(printed({ 'cloud-init': result }))).toMatchObject({
      cloudInitEnded: true,
      cloudInitErrors: ["('locale', ...)"],
    });
  });

  test('knows from systemd that cloud-init has ended where the disk takes no result of it', () => {
    const ended = (state: string) => parseReport(printed({ 'cloud-init-unit': `${state}\n` })).cloudInitEnded;
    expect(['failed', 'active'].map(ended)).toEqual([true, true]);
    expect(['activating', 'inactive', ''].map(ended)).toEqual([false, false, false]);
  });

  test('is read without a fault, whatever comes', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseReport(text)));
  });

  test('is asked for by one shell that is given no value of anybody', () => {
    expect(reportCommand.argv).toEqual(['sh', '-s']);
    expect(reportCommand.deadline).toBeLessThanOrEqual(30_000);
  });
});

describe('the findings of a check', () => {
  test('are the lines of phases that exist, with a verdict that exists', () => {
    const stdout =
      'identity\tok\t\nssh\tacts\twrite /etc/x\tand more\nedge\tdiffers\tcaddy/Caddyfile\nnope\tok\t\nssh\todd\tx\nnoise\n';
    expect(parseFindings(stdout)).toEqual([
      { phase: 'identity', verdict: 'ok', what: '' },
      { phase: 'ssh', verdict: 'acts', what: 'write /etc/x\tand more' },
      { phase: 'edge', verdict: 'differs', what: 'caddy/Caddyfile' },
    ]);
  });
});
