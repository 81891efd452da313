import { rebuildWork, type WorkProps } from '../../../cli/rebuild-work';
import type { ReleaseRecord } from '../../../deploy';
import { renderRecord } from '../../../deploy/rolling/record';
import type { Transport } from '../../../deploy/transport';
import { ExitCode } from '../../../foundation/failure';
import { silent } from '../../../foundation/progress';
import type { RebuildEvent } from '../../../recovery/rebuild/journal';
import { failureOf } from '../../failure-of';
import { begun } from '../recovery/rebuild/sample';

const digest = (character: string): string => `ghcr.io/cogni/app@sha256:${character.repeat(64)}`;

/** Deployed after the rebuild had. */
const newer: ReleaseRecord = {
  version: 2,
  id: '20261123T090000Z-preview-9999999',
  environment: 'preview',
  domain: 'preview.example.org',
  strategy: 'rolling',
  slot: 'a',
  tag: 'preview-9999999',
  buildSha: '9999999',
  images: { app: digest('e'), migrator: digest('f'), postgres: digest('c') },
  files: {},
  by: { who: 'grace', from: 'ci' },
  at: '2026-11-23T09:00:00.000Z',
  replaces: null,
};

/** The records that the rebuild has brought, behind the one of what serves. */
let mockBrought = '';

jest.mock('../../../cli/on-host', () => ({
  onHost: (_: string, use: (transport: Transport) => unknown) =>
    use({
      describe: () => 'deploy@192.0.2.9',
      // Both the records and the one that serves are read with one command each.
      run: ({ argv }: { readonly argv: readonly string[] }) =>
        Promise.resolve({
          code: 0,
          timedOut: false,
          stderr: '',
          stdout: ['find', 'cat'].includes(argv[0] ?? '')
            ? renderRecord(newer) + (argv[0] === 'find' ? mockBrought : '')
            : '',
        }),
    } as unknown as Transport),
}));

const workOf = (...events: readonly RebuildEvent[]): ReturnType<typeof rebuildWork> =>
  rebuildWork({
    environment: { name: 'preview', host: { kind: 'existing', name: 'preview-cogni' } },
    given: {},
    story: {
      begun,
      lines: events.map((event) => ({ v: 1, at: '2026-11-21T12:30:00Z', ...event })),
      ended: false,
    },
    files: '',
    again: './cogni rebuild preview',
    progress: silent,
    signal: new AbortController().signal,
  } as unknown as WorkProps);

describe('a rebuild that is gone on with while another release serves', () => {
  it.each(['files', 'restore', 'pull', 'deploy'] as const)(
    'leaves that release and its data alone where it had deployed its own before: %s',
    async (stage) => {
      const work = workOf({ kind: 'stage-done', stage: 'deploy', outcome: 'done' });
      expect(await work[stage].isDone?.()).toBe('20261123T090000Z-preview-9999999 serves since');
    },
  );

  it.each(['files', 'restore', 'pull', 'deploy'] as const)(
    'is refused where it had deployed none, with the ways on: %s',
    async (stage) => {
      const { isDone } = workOf({ kind: 'stage-begun', stage: 'deploy' })[stage];
      const failure = await failureOf(Promise.resolve(isDone?.()));
      expect(failure).toMatchObject({
        exitCode: ExitCode.refused,
        next: expect.stringContaining(`./cogni rebuild preview --abandon ${begun.id}`),
      });
      // Its record has not been brought.
      expect(failure.next).toContain(`./cogni deploy preview --image-tag ${begun.release.tag}, then`);
      mockBrought = renderRecord({ ...newer, id: begun.release.name });
      const brought = await failureOf(Promise.resolve(isDone?.()));
      mockBrought = '';
      expect(brought.next).toContain(`./cogni rollback preview --to ${begun.release.name}, then`);
    },
  );
});
