import { faultModes } from '../../../sandbox/emulator/fault-modes';
import { answers } from './answers';
import { Commands } from './commands';
import { holdAnswer } from './hold';
import { ordering } from './ordering';
import type { Outcome } from './outcome';
import { reading } from './reading';
import { replacing } from './replacing';
import { Scene } from './scene';

/** Milliseconds: on a machine that has built nothing yet, the stand-in is compiled first. */
const build = 10 * 60_000;

// Each test runs Terraform several times, which takes long on a busy machine.
jest.setTimeout(3 * 60_000);

const place = ({ mode, variant }: Outcome): string => `${mode} ${variant}`;
const outcomes = [...ordering, ...reading, ...replacing].sort((one, other) => one.mode - other.mode);

/** One of each kind; test/nightly/faults asks all of them. */
const sample = ['2 plain', '3 html', '10 plain', '19 plain', '24 stock'];

describe('the fault table', () => {
  test('has an outcome for each variant of each fault mode, and no other', () => {
    const modes = faultModes.flatMap(({ number, variants }) =>
      Object.keys(variants).map((variant) => `${number} ${variant}`),
    );
    expect(outcomes.map(place).sort()).toEqual(modes.sort());
    expect(answers.map(({ at }) => at).sort()).toEqual(modes);
  });
});

describe('Terraform, through the provider, at an API with the fault', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.start();
  }, build);
  afterAll(() => scene.remove());

  const titles = outcomes.map((outcome) => {
    const mode = faultModes.find(({ number }) => number === outcome.mode);
    return [place(outcome), mode?.fault ?? '', mode?.outcome ?? '', outcome] as const;
  });

  test.each(titles)('%s: %s: %s', async (_, _fault, _outcome, outcome) => {
    await outcome.terraform(await scene.meet(outcome));
  });

  describe('answered by cogni plan and cogni apply', () => {
    let commands: Commands;
    beforeAll(async () => {
      commands = await Commands.over(scene);
    });

    test.each(
      outcomes
        .filter((outcome) => sample.includes(place(outcome)))
        .map((each) => [place(each), each] as const),
    )(
      '%s: what the account, the plan and the apply say of it, and which command is next',
      async (at, outcome) => {
        const answer = answers.find((each) => each.at === at);
        if (answer === undefined) throw new Error(`there is no answer for ${at}`);
        await holdAnswer(commands, outcome, answer);
      },
    );
  });
});
