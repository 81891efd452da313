import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cherryProvider, readProviderSchema } from '../../../infra/provider-schema';
import { World } from '../provider/run';
import type { Recorded } from '../../../scripts/review-corpus';
import { planText } from '../../../scripts/review-rivals';
import { triedAttributes } from './every-attribute';
import { record } from './record';
import { scenarios } from './scenarios';

/** Milliseconds: on a machine that has built nothing yet, the stand-in is compiled first. */
const build = 10 * 60_000;
const corpus = join(__dirname, 'corpus');
const fileOf = (name: string): string =>
  join(corpus, `${name.replaceAll(/[^a-z0-9]+/gi, '-').toLowerCase()}.json`);
const filesThere = (): readonly string[] =>
  readdirSync(corpus)
    .map((file) => join(corpus, file))
    .sort();
const filesWanted = (): readonly string[] => scenarios.map(({ name }) => fileOf(name)).sort();
/** Recording all of it takes minutes, so that is done on demand: `UPDATE_CORPUS=1 npx jest --selectProjects contract --testPathPatterns test/contract/review`. */
const all = process.env['UPDATE_CORPUS'] === '1';
const sample = [
  'server user_data changed, reinstall allowed',
  'server user_data changed, reinstall not allowed',
  'server moved to another address of the configuration',
];

/**
 * What must be the same whoever recorded it: Terraform and OpenTofu name a provider's registry otherwise, and keys that are
 * made at once get their ids in any order.
 */
function comparable({ plan, reality }: Recorded): unknown {
  const keys = Object.entries({ ...reality.stateBefore, ...reality.stateAfter }).filter(([address]) =>
    address.startsWith('cherryservers_ssh_key.'),
  );
  const text = JSON.stringify({ reality, changes: plan['resource_changes'] });
  return JSON.parse(
    keys.reduce(
      (all, [address, id]) => all.replaceAll(`"${id}"`, `"the id of ${address}"`),
      text.replaceAll('registry.opentofu.org/', 'registry.terraform.io/'),
    ),
  );
}

/** The lines by which tools that read the text of a plan go. */
const announced = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^(# \S+ (will|must|is tainted|has moved)|Plan: |No changes\.)/.test(line));

jest.setTimeout(3 * 60_000);

let world: World;
beforeAll(async () => {
  world = await World.start();
  if (all) for (const file of filesThere()) if (!filesWanted().includes(file)) rmSync(file);
}, build);
afterAll(() => world.remove());

describe('the corpus of plans', () => {
  it.each(scenarios.filter(({ name }) => all || sample.includes(name)))(
    'holds what Terraform plans and does when: $name',
    async (scenario) => {
      const { recorded, shown } = await record(world, scenario);
      const text = `${JSON.stringify(recorded, undefined, 1)}\n`;
      if (all) writeFileSync(fileOf(scenario.name), text);
      const committed = JSON.parse(readFileSync(fileOf(scenario.name), 'utf8')) as Recorded;
      expect(comparable(recorded)).toEqual(comparable(committed));
      // What the figures of the review take for Terraform's text is Terraform's text.
      expect(announced(shown)).toEqual(announced(planText(recorded.plan)));
    },
  );

  // The switch is tried together with all others. A token sees one team, so that nothing can be moved to another.
  const aside = ['allow_reinstall', 'team_id'];
  it('tries every attribute that can be set', () => {
    const { schema } = readProviderSchema();
    const types = schema.provider_schemas[cherryProvider.address]!.resource_schemas;
    const settable = Object.entries(types).map(([type, { block }]) => [
      type,
      Object.entries(block.attributes)
        .filter(([name, { required, optional }]) => (required || optional) && !aside.includes(name))
        .map(([name]) => name)
        .sort(),
    ]);
    const tried = Object.entries(triedAttributes).map(([type, names]) => [type, [...names].sort()]);
    expect(Object.fromEntries(tried)).toEqual(Object.fromEntries(settable));
  });

  it('has one file a scenario, and no other', () => {
    expect(filesThere()).toEqual(filesWanted());
  });
});
