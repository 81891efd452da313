import { faultModes } from '../../../sandbox/emulator/fault-modes';
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

describe('the fault table', () => {
  test('has an outcome for each variant of each fault mode, and no other', () => {
    const modes = faultModes.flatMap(({ number, variants }) =>
      Object.keys(variants).map((variant) => `${number} ${variant}`),
    );
    expect(outcomes.map(place).sort()).toEqual(modes.sort());
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
});
