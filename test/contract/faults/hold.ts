import type { Answer, Said } from './answer';
import type { Commands, Heard } from './commands';
import type { Outcome } from './outcome';

/** Plays our commands at a fault, and holds every word that they have to say. */
export async function holdAnswer(commands: Commands, outcome: Outcome, answer: Answer): Promise<void> {
  const { preflight, plan, apply, after } = await commands.at(
    answer.wanted === undefined ? outcome : { ...outcome, wanted: answer.wanted },
    answer.early ?? false,
  );
  if (answer.preflight === undefined) expect(preflight).toEqual([]);
  else expect(preflight.join('\n')).toContain(answer.preflight);
  const heard = { plan, apply, after };
  expect(Object.entries(heard).map(([command, each]) => [command, each?.exit])).toEqual([
    ['plan', answer.plan.exit],
    ['apply', answer.apply?.exit],
    ['after', answer.after?.exit],
  ]);
  holdWords(plan, answer.plan);
  holdWords(apply, answer.apply);
  holdWords(after, answer.after);
}

function holdWords(heard: Heard | undefined, said: Said | undefined): void {
  if (heard === undefined || said === undefined) return;
  let from = 0;
  for (const words of said.words) {
    const at = heard.text.indexOf(words, from);
    // Shown whole, so that it is seen what is said instead.
    expect([words, at >= 0 ? 'is said' : `is not said after character ${from} of: ${heard.text}`]).toEqual([
      words,
      'is said',
    ]);
    from = at;
  }
  // Nobody reads the stack of a provider, or of ours.
  expect(heard.text).not.toMatch(/goroutine \d|^\s+at \S+ \(/m);
}
