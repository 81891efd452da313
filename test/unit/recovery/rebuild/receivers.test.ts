import { planRebuild } from '../../../../recovery/rebuild/plan';
import { receiverErrands, receiversOf, whileDeployed } from '../../../../recovery/rebuild/receivers';
import type { Receiver } from '../../../../services';
import { begun, shape } from './sample';

const preview = {
  name: 'preview',
  archive: { receiver: { on: 'production', synchronous: 'always' } },
} as const;
const on = (name: string, environment: string, synchronous?: Receiver['synchronous']) => ({
  name,
  archive: { receiver: { on: environment, ...(synchronous === undefined ? {} : { synchronous }) } },
});

describe('the receivers that a lost host leaves behind', () => {
  it('are that of its own log, and those of others that ran on it', () => {
    const records = [
      preview,
      on('production', 'preview', 'while-there'),
      on('staging', 'production'),
      { name: 'play', archive: {} },
      { name: 'bare' },
    ];
    expect(receiversOf(preview, records)).toEqual({
      own: 'always',
      here: [{ name: 'production', waits: 'while-there' }],
    });
    expect(receiversOf({ name: 'production' }, records)).toEqual({
      here: [
        { name: 'preview', waits: 'always' },
        { name: 'staging', waits: 'never' },
      ],
    });
  });

  it('are none where nothing is received, also where a machine of its own receives another one’s log', () => {
    const elsewhere = {
      name: 'staging',
      archive: { receiver: { address: '192.0.2.9', hostKey: 'ssh-ed25519 AAAA' } },
    };
    expect(receiversOf({ name: 'preview' }, [{ name: 'preview' }, elsewhere])).toBeUndefined();
    expect(receiversOf(elsewhere, [elsewhere])).toEqual({ own: 'never', here: [] });
  });

  it('are told, or made anew, by a person: each with its command', () => {
    const [own, other, ...more] = receiverErrands('preview', {
      own: 'always',
      here: [{ name: 'production', waits: 'always' }],
    });
    expect(own).toContain('and commits wait for it: ./cogni receiver up preview');
    expect(other).toMatch(/nothing can be written to production .*\.\/cogni receiver key production/);
    expect(more).toEqual([]);
    expect(receiverErrands('preview', undefined)).toEqual([]);
  });

  it('are told while the release is deployed where commits always wait for them: the deploy writes as well', () => {
    const receivers = { own: 'always' as const, here: [] };
    const personOf = (of: typeof begun): string | undefined =>
      planRebuild({ ...shape, begun: of })
        .groups.flat()
        .find(({ id }) => id === 'deploy')?.person;
    expect(personOf({ ...begun, receivers })).toContain('./cogni receiver up preview on another terminal');
    expect(personOf(begun)).toBeUndefined();
    expect(whileDeployed('preview', { own: 'while-there', here: [] })).toBeUndefined();
  });
});
