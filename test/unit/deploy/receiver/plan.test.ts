import { planDown, planKey, planUp } from '../../../../deploy/receiver/plan';
import type { ReceiverRequest } from '../../../../deploy/receiver/request';
import { changeReceiver, receiverKey } from '../../../../deploy/receiver/run';
import { lookAtReceiving, parseReceived } from '../../../../deploy/receiver/status';
import { planText } from '../../../../deploy/plan-text';
import { failureOf } from '../../../failure-of';
import { archive } from '../../services/archive/archive';
import { receiver } from '../../services/archive/receiver';
import { fakeTransport, type FakeTransport } from '../fake-transport';
import { request as deploy } from '../rolling/sample';

const request: ReceiverRequest = {
  environment: 'production',
  files: [
    { path: 'compose.yaml', content: 'name: cogni-receiver-production\n', mode: 0o644 },
    { path: 'files/0123456789ab/receiver.sh', content: '#!/bin/sh\n', mode: 0o755 },
  ],
  image: archive.image,
  key: receiver.key,
  always: false,
  byHand: false,
  by: { who: 'ada', from: 'laptop' },
  at: new Date('2026-11-22T08:00:00Z'),
};
const over = (transport: FakeTransport) => ({
  connect: () => Promise.resolve(transport),
  https: () => Promise.reject(new Error('nothing is asked')),
});
const ids = (plan: { readonly steps: readonly { readonly id: string }[] }): readonly string[] =>
  plan.steps.map(({ id }) => id);

describe('a receiver that is brought to its host', () => {
  it('is a lock of its own, an image, a key, files, and a start that waits until it fetches the log', () => {
    expect(ids(planUp(request))).toEqual(['lock', 'pull', 'key', 'write', 'start', 'tidy']);
    const text = planText(planUp(request));
    expect(text).toContain('/var/lib/cogni/deploy/receiver-production.lock');
    expect(text).toContain('--wait-timeout=45');
    expect(text).not.toContain('/var/lib/cogni/deploy/lock ');
  });

  it('is not started where its key is not the one that the record lets in', async () => {
    const transport = fakeTransport([['ssh-keygen', { stdout: 'ssh-ed25519 AAAAother\n' }]]);
    const failure = await failureOf(changeReceiver('up', request, deploy.host, over(transport)));
    expect(failure.message).toContain('could not have a key for the receiver');
    expect(failure.next).toContain('./cogni receiver key production');
    expect(transport.log.join('\n')).not.toContain('docker compose');
  });

  it('goes on trying when it does not get the log, and says what lets it in', async () => {
    const transport = fakeTransport([
      ['ssh-keygen', { stdout: `${receiver.key}\n` }],
      ['up --detach', { code: 1, stderr: 'container is unhealthy' }],
    ]);
    const failure = await failureOf(changeReceiver('up', request, deploy.host, over(transport)));
    expect(failure.state).toContain('goes on trying');
    expect(failure.next).toMatch(/host converge production .*deploy production .*receiver up production/);
  });

  it('says the line that lets it in where no bootstrap of ours writes it', () => {
    const start = planUp({ ...request, byHand: true }).steps.find(({ id }) => id === 'start');
    expect(start?.next).toContain(
      'authorized_keys of who deploys on the host of production: restrict,command="docker exec ',
    );
  });

  it('keeps the files that it runs from, and removes those of earlier versions', () => {
    expect(planText(planUp(request))).toContain('-not -name 0123456789ab');
  });

  it('has its key made there, whose private half is nowhere in what is sent or printed', async () => {
    const transport = fakeTransport([['ssh-keygen', { stdout: `${receiver.key}\n` }]]);
    expect((await receiverKey(request, deploy.host, over(transport))).key).toBe(receiver.key);
    expect(ids(planKey(request))).toEqual(['lock', 'pull', 'key']);
    expect([...transport.log, ...transport.inputs].join('\n')).not.toContain('PRIVATE');
  });
});

describe('a receiver that is taken away', () => {
  it('leaves what it has received, unless that is to go as well', () => {
    expect(planText(planDown(request, false))).not.toContain('volume rm');
    expect(planText(planDown(request, true))).toContain(
      'docker volume rm --force cogni-receiver-production_log',
    );
  });
});

describe('a receiver that is looked at', () => {
  const line =
    '7710914312483562277-20261122T084826Z/000000010000000000000001.partial 16777216 2026-11-22T08:48:30.1234567890Z';

  it('fetches, tries or is missing, by what its own host says', async () => {
    const looked = (...rules: Parameters<typeof fakeTransport>[0] & object) =>
      lookAtReceiving(fakeTransport(rules), 'production');
    expect(await looked(['inspect', { code: 1 }])).toMatchObject({ state: 'missing' });
    expect(await looked(['inspect', { stdout: 'exited\n' }])).toMatchObject({ state: 'stopped' });
    const running = ['inspect', { stdout: 'running\n' }] as const;
    expect(await looked(running, ['healthy', { code: 1, stdout: 'refused\n' }])).toMatchObject({
      state: 'tries',
      why: 'refused',
    });
    expect(await looked(running, ['list', { stdout: `${line}\n` }])).toMatchObject({
      state: 'fetches',
      log: [{ bytes: 16777216, at: new Date('2026-11-22T08:48:30.123Z') }],
    });
  });

  it('has what it lists, and nothing that is no piece of log', () => {
    expect(parseReceived(`${line}\nrubbish\n`)).toHaveLength(1);
  });
});
