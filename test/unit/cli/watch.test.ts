import { requireFitVariables } from '../../../cli/watch';
import { failureOf } from '../../failure-of';

const refusal = (watched: number, variables: Readonly<Record<string, string>>) =>
  failureOf(Promise.resolve().then(() => requireFitVariables(watched, variables)));

describe('the variables of a watch', () => {
  it('are refused all at once, before anything is asked, and no value is shown', async () => {
    const wrong = {
      COGNI_WATCH_WEBHOOK: 'http://p1anted.cogni.test/hook',
      COGNI_DNS: 'p1anted-dns',
      COGNI_CA: 'p1anted`ca',
      VM_HOST: 'P1anted_host',
      VM_HOST_KEY: 'ssh-dss p1anted',
    };
    const { faults, message, exitCode } = await refusal(2, wrong);
    expect(faults.map((fault) => fault.replace(/ .*/, ''))).toEqual([
      ...['VM_HOST', 'VM_HOST_KEY', 'COGNI_DNS', 'COGNI_CA', 'COGNI_WATCH_WEBHOOK'],
      'VM_HOST',
    ]);
    expect(message).not.toMatch(/p1anted/i);
    expect(exitCode).toBe(2);
  });

  it('name one host where one is watched, and are refused for two', async () => {
    const one = {
      VM_HOST: '192.0.2.10',
      VM_HOST_KEY: `ssh-ed25519 ${'A'.repeat(68)}`,
      COGNI_DNS: '10.0.0.1',
    };
    expect(() => requireFitVariables(1, one)).not.toThrow();
    expect((await refusal(2, one)).faults).toEqual([
      'VM_HOST names one host, and 2 environments are to be watched: run one watch for each',
    ]);
  });

  it('are fit where there are none, or empty ones', () => {
    expect(() => requireFitVariables(2, { VM_HOST: '', COGNI_WATCH_WEBHOOK: '' })).not.toThrow();
  });
});
