import { answers } from '../../contract/faults/answers';
import { Commands } from '../../contract/faults/commands';
import { holdAnswer } from '../../contract/faults/hold';
import { ordering } from '../../contract/faults/ordering';
import { reading } from '../../contract/faults/reading';
import { replacing } from '../../contract/faults/replacing';
import { Scene } from '../../contract/faults/scene';

/** Milliseconds: on a machine that has built nothing yet, the stand-in is compiled first. */
const build = 10 * 60_000;

const outcomes = [...ordering, ...reading, ...replacing];

describe('cogni plan and cogni apply, at an API with each fault of the table', () => {
  let scene: Scene;
  let commands: Commands;
  beforeAll(async () => {
    scene = await Scene.start();
    commands = await Commands.over(scene);
  }, build);
  afterAll(() => scene.remove());

  test.each(answers.map((answer) => [answer.at, answer] as const))(
    '%s: say what it is, and which command is next',
    async (at, answer) => {
      const outcome = outcomes.find(({ mode, variant }) => `${mode} ${variant}` === at);
      if (outcome === undefined) throw new Error(`there is no outcome for ${at}`);
      await holdAnswer(commands, outcome, answer);
    },
  );
});
