import { Seeded } from '../../../seeded';
import { KillRounds, problemsOf, roundText, type Protection } from './kill-rounds';

/**
 * A few of the rounds that `test/nightly/archive/kills.test.ts` makes by the hundred, the same in each run: what each seed chooses is written down,
 * so that a host under load is lost with each protection.
 */
const stories: readonly (readonly [protection: Protection, seed: number, rounds: number])[] = [
  ['the archive alone', 15, 2],
  ['a receiver', 31, 3],
  ['a receiver that is waited for while it is there', 55, 3],
  ['a receiver that is always waited for', 43, 2],
];

describe('a database from which something is killed, at moments that a seed chooses', () => {
  it('is killed ten times in all', () => {
    expect(stories.reduce((sum, [, , rounds]) => sum + rounds, 0)).toBe(10);
  });

  it.each(stories)(
    'has with %s what was acknowledged, but for the seconds that may be lost with its host, and never a mixed state',
    async (protection, seed, rounds) => {
      const running = await KillRounds.prepare(protection, new Seeded(seed));
      const victims: string[] = [];
      const problems: string[] = [];
      try {
        for (let count = 1; count <= rounds; count += 1) {
          const round = await running.round();
          process.stderr.write(`${protection}, round ${count}: ${roundText(round)}\n`);
          victims.push(round.victim);
          expect(round.commits).toBeGreaterThan(0);
          problems.push(...problemsOf(round, protection).map((problem) => `round ${count}: ${problem}`));
        }
      } finally {
        await running.remove();
      }
      expect(problems).toEqual([]);
      // It is what can lose most.
      expect(victims).toContain('host');
    },
    900_000,
  );
});
