import { median, table } from '../../../scripts/figures';
import { cogni } from '../../e2e/sandbox-cli';
import { Seeded } from '../../seeded';
import { wholeNumber } from '../../whole-number';
import { keepReport } from '../report';
import { bound, problemsOf, RebuildRounds, roundText, type Round } from './rebuild-rounds';

/** Of the rebuild: a round is minutes, and has up to four. */
const kills = wholeNumber('COGNI_NIGHTLY_REBUILD_KILLS') ?? 40;
const seed = wholeNumber('COGNI_NIGHTLY_SEED') ?? Math.ceil(Math.random() * 999_999_999);
const hour = 60 * 60_000;

describe('a host that is lost under load, and whose rebuild is killed at random moments', () => {
  const rounds: Round[] = [];
  const killed = (): number => rounds.reduce((sum, round) => sum + round.kills.length, 0);

  afterAll(async () => {
    if (rounds.length > 0)
      keepReport(
        'rebuild-kills',
        'The rebuild killed at random',
        './cogni test nightly --path recovery/rebuild-kills',
        report(),
      );
    await cogni('sandbox', 'down');
  });

  it(
    'has what was acknowledged, but for the seconds that may be lost with a host, and never a mixed state',
    async () => {
      process.stderr.write(`seed ${seed}: COGNI_NIGHTLY_SEED=${seed} chooses the same rounds again\n`);
      const problems: string[] = [];
      const running = await RebuildRounds.prepare(new Seeded(seed));
      try {
        while (killed() < kills) {
          const name = `round ${rounds.length + 1}, seed ${seed}`;
          const round = await running.round(kills - killed()).catch((cause: unknown) => {
            throw new Error([...problems, `${name} could not be ended`].join('\n'), { cause });
          });
          rounds.push(round);
          problems.push(...problemsOf(round).map((problem) => `${name}: ${problem}`));
          process.stderr.write(`${name}: ${roundText(round)}\n`);
        }
      } finally {
        running.forgetKey();
      }
      expect(problems).toEqual([]);
    },
    8 * hour,
  );

  function report(): readonly string[] {
    const names = [...new Set(rounds.map(({ load }) => load.name))].sort();
    const stages = rounds.flatMap(({ kills: all }) =>
      all.map((cut) => (cut.length === 0 ? 'between stages, or before the first' : cut.join(', '))),
    );
    const problems = rounds.flatMap(problemsOf);
    return [
      `${rounds.length} hosts were lost under load (killed, and another machine with an empty disk put behind them), with the archive alone. \`./cogni rebuild\` was killed ${killed()} times at random moments, and begun again by the same command until it came to its end; seed ${seed}. A ledger of the commits that were acknowledged to clients is outside of the host, and was held against the database that serves then, which \`pg_amcheck\` went through as well. ${problems.length === 0 ? 'Nowhere was there a row that nobody had sent, a hole, half a transaction, or a later commit without an earlier one.' : `**Wrong:** ${problems.join('; ')}.`}`,
      table(
        ['load', 'hosts lost', 'commits', 'lost, median', 'lost, most', 'commits lost, most', 'may be'],
        names.map((name) => {
          const all = rounds.filter(({ load }) => load.name === name);
          const seconds = all.map(({ found }) => found.seconds);
          return [
            ...[name, `${all.length}`, `${all.reduce((sum, { commits }) => sum + commits, 0)}`],
            ...[`${median(seconds).toFixed(2)} s`, `**${Math.max(...seconds).toFixed(2)} s**`],
            ...[`${Math.max(...all.map(({ found }) => found.lost))}`, `${bound} s`],
          ];
        }),
      ),
      'What the rebuild was at when it was killed:',
      table(
        ['stage', 'kills'],
        [...new Set(stages)]
          .sort()
          .map((stage) => [stage, `${stages.filter((each) => each === stage).length}`]),
      ),
    ];
  }
});
