import type { Timeline } from '../../../../deploy/watch';

export const timeline: Timeline = {
  title: 'deploy preview-0123abc to preview',
  milliseconds: 20_000,
  engineMilliseconds: 1500,
  connections: 1,
  commands: 57,
  spans: [
    { id: 'look at the host', spent: 'before', begun: 0, milliseconds: 500, result: 'done' },
    { id: 'pull', spent: 'pull', begun: 500, milliseconds: 9500, result: 'was done already' },
    { id: 'stage', spent: 'engine', begun: 10_000, milliseconds: 5, result: 'done' },
    { id: 'migrate', spent: 'migration', begun: 10_005, milliseconds: 4995, result: 'done' },
    { id: 'start', spent: 'start', begun: 15_000, milliseconds: 4000, result: 'failed' },
  ],
};
