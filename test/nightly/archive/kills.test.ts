import { median, table } from '../../../scripts/figures';
import { Seeded } from '../../seeded';
import {
  KillRounds,
  problemsOf,
  protections,
  roundText,
  victims,
  type Protection,
  type Round,
} from '../../tool/services/archive/kill-rounds';
import { wholeNumber } from '../../whole-number';
import { keepReport } from '../report';

const kills = wholeNumber('COGNI_NIGHTLY_KILLS') ?? 200;
const seed = wholeNumber('COGNI_NIGHTLY_SEED') ?? Math.ceil(Math.random() * 999_999_999);
const hour = 60 * 60_000;

/** What part of all rounds each has: a round with the archive alone is the longest, and says the least by itself. */
const parts: Readonly<Record<Protection, number>> = {
  'the archive alone': 0.4,
  'a receiver': 0.3,
  'a receiver that is waited for while it is there': 0.15,
  'a receiver that is always waited for': 0.15,
};

describe('a database from which something is killed at a random moment', () => {
  const all = new Map<Protection, readonly Round[]>();
  afterAll(() => {
    if (all.size > 0)
      keepReport('archive-kills', 'Killed at random', './cogni test nightly --path archive/kills', report());
  });

  it.each(Object.keys(parts) as Protection[])(
    'has with %s what was acknowledged, but for the seconds that may be lost with its host, and never a mixed state',
    async (protection) => {
      process.stderr.write(`seed ${seed}: COGNI_NIGHTLY_SEED=${seed} chooses the same rounds again\n`);
      const rounds: Round[] = [];
      const problems: string[] = [];
      // Other rounds with each.
      const running = await KillRounds.prepare(
        protection,
        new Seeded(seed + Object.keys(parts).indexOf(protection)),
      );
      try {
        while (rounds.length < Math.max(1, Math.round(kills * parts[protection]))) {
          const name = `round ${rounds.length + 1} of ${protection}, seed ${seed}`;
          const round = await running.round().catch((cause: unknown) => {
            throw new Error([...problems, `${name} could not be ended`].join('\n'), { cause });
          });
          rounds.push(round);
          problems.push(
            ...problemsOf(round, protection).map((problem) => `${name} (${round.victim}): ${problem}`),
          );
          process.stderr.write(`${name}: ${roundText(round)}\n`);
        }
        await running.end();
      } finally {
        await running.remove();
      }
      expect(problems).toEqual([]);
      all.set(protection, rounds);
    },
    8 * hour,
  );

  function report(): readonly string[] {
    const sum = (rounds: readonly Round[], of: (round: Round) => number): number =>
      rounds.reduce((total, round) => total + of(round), 0);
    const every = [...all.values()].flat();
    const rows = [...all].flatMap(([protection, rounds]) =>
      [...new Set(rounds.map(({ load }) => load.name))].sort().map((load) => {
        const lost = rounds.filter(({ victim, load: { name } }) => victim === 'host' && name === load);
        const seconds = lost.map(({ found }) => found.seconds);
        return [
          protection,
          load,
          `${lost.length}`,
          `${sum(lost, ({ commits }) => commits)}`,
          lost.length === 0 ? '' : `${median(seconds).toFixed(2)} s`,
          lost.length === 0 ? '' : `**${Math.max(...seconds).toFixed(2)} s**`,
          `${Math.max(0, ...lost.map(({ found }) => found.lost))}`,
          `${protections[protection].bound} s`,
        ];
      }),
    );
    return [
      `${every.length} kills in ${all.size} set-ups, seed ${seed}, ${sum(every, ({ commits }) => commits)} commits that were acknowledged to clients outside. What is off the host was restored after each kill but those of the database alone, and checked with pg_amcheck and pg_checksums; nowhere was there a row that nobody had sent, a hole, half a transaction, or a later commit without an earlier one, and on the disk of the host nothing was ever missing.`,
      `The host killed: all its containers and connections at once. What is lost counts from the first commit that was acknowledged and is not in the copy to the newest that was acknowledged. The archive's \`timeout\` is that of production.`,
      table(
        [
          'with',
          'load',
          'hosts lost',
          'commits',
          'lost, median',
          'lost, most',
          'commits lost, most',
          'may be',
        ],
        rows,
      ),
      'With anything else killed nothing was lost:',
      table(
        ['killed', ...all.keys()],
        victims.map((victim) => [
          victim,
          ...[...all.values()].map((rounds) => `${rounds.filter((round) => round.victim === victim).length}`),
        ]),
      ),
    ];
  }
});
