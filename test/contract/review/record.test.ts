import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { World } from '../provider/run';
import { record, type Recorded } from './record';
import { scenarios } from './scenarios';

/** Milliseconds: on a machine that has built nothing yet, the stand-in is compiled first. */
const build = 10 * 60_000;
const corpus = join(__dirname, 'corpus');
const fileOf = (name: string): string =>
  join(corpus, `${name.replaceAll(/[^a-z0-9]+/gi, '-').toLowerCase()}.json`);
/** Recording all of it takes minutes, so that is done on demand: `UPDATE_CORPUS=1 npx jest --selectProjects contract --testPathPatterns test/contract/review`. */
const all = process.env['UPDATE_CORPUS'] === '1';
const sample = [
  'server user_data changed, reinstall allowed',
  'server user_data changed, reinstall not allowed',
  'server moved to another address of the configuration',
];

/** Terraform and OpenTofu name the registry of a provider otherwise; which one is there is the machine's. */
const changesOf = ({ plan }: Recorded): unknown =>
  JSON.parse(
    JSON.stringify(plan['resource_changes']).replaceAll('registry.opentofu.org/', 'registry.terraform.io/'),
  );

jest.setTimeout(3 * 60_000);

let world: World;
beforeAll(async () => {
  world = await World.start();
  if (all) rmSync(corpus, { recursive: true, force: true });
  if (all) mkdirSync(corpus);
}, build);
afterAll(() => world.remove());

describe('the corpus of plans', () => {
  it.each(scenarios.filter(({ name }) => all || sample.includes(name)))(
    'holds what Terraform plans and does when: $name',
    async (scenario) => {
      const recorded = await record(world, scenario);
      const text = `${JSON.stringify(recorded, undefined, 1)}\n`;
      if (all) writeFileSync(fileOf(scenario.name), text);
      const committed = JSON.parse(readFileSync(fileOf(scenario.name), 'utf8')) as Recorded;
      expect(recorded.reality).toEqual(committed.reality);
      expect(changesOf(recorded)).toEqual(changesOf(committed));
    },
  );

  it('has one file a scenario, and no other', () => {
    expect(
      readdirSync(corpus)
        .map((file) => join(corpus, file))
        .sort(),
    ).toEqual(scenarios.map(({ name }) => fileOf(name)).sort());
  });
});
