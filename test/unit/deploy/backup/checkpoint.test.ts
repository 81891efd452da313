import { parseCheckpoint } from '../../../../deploy/backup/checkpoint';

const head = {
  kind: 'checkpoint',
  version: 1,
  backup: '20261121-213822F',
  system: '7710803774460112931',
  timeline: 1,
  postgres: '15.20',
};
const database = (name: string): object => ({
  kind: 'database',
  name,
  point: `checkpoint-20261121T213830Z-${name}`,
  lsn: '0/40019B8',
  at: '2026-11-21T21:38:31.000Z',
});
const table = { kind: 'table', schema: 'public', table: 'notes', rows: 1, sum: '5' };
const text = (...lines: readonly object[]): string =>
  `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;

describe('a checkpoint', () => {
  it('says which databases it is of, at which moment of the log each was, and how many tables there were', () => {
    const lines = [head, database('cogni'), table, table, database('litellm'), table, { kind: 'end' }];
    expect(parseCheckpoint(text(...lines))).toEqual({
      backup: '20261121-213822F',
      system: '7710803774460112931',
      timeline: 1,
      postgres: '15.20',
      databases: [
        expect.objectContaining({ name: 'cogni', point: 'checkpoint-20261121T213830Z-cogni', tables: 2 }),
        expect.objectContaining({ name: 'litellm', tables: 1 }),
      ],
    });
  });

  it('of an empty server has no database', () => {
    expect(parseCheckpoint(text(head, { kind: 'end' })).databases).toEqual([]);
  });

  it.each([
    ['cut off', text(head, database('cogni'), table)],
    ['without its head', text(database('cogni'), { kind: 'end' })],
    ['of a newer version', text({ ...head, version: 2 }, { kind: 'end' })],
    ['that is no JSON', 'gone'],
  ])('%s is refused', (_, broken) => {
    expect(() => parseCheckpoint(broken)).toThrow(/no checkpoint that this version knows/);
  });
});
