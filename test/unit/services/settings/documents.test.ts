import {
  declarationOf,
  parseDotEnv,
  renderExampleFile,
  renderSchemaPage,
  renderSetupPage,
  requirementText,
  settingNames,
  examine,
  type SetupEnvironment,
} from '../../../../services';
import { commandsOf, commandsRun } from '../../../setup-page';

const environments: readonly SetupEnvironment[] = ['one', 'two'].map((name) => ({
  name,
  domain: `${name}.cogni.test`,
  www: name === 'two',
  deployKeyFile: `keys/${name}.pub`,
  imageRepository: `ghcr.io/${name}/app`,
  imageTagPrefix: name,
  branch: `branch-${name}`,
  reviewed: name === 'two',
  archived: name === 'two',
  state: { kind: 'local' },
  ...(name === 'two' ? { addressStack: 'two-address' } : {}),
  needed: name === 'two' ? (['AUTH_SECRET', 'OPENROUTER_API_KEY'] as const) : [],
}));

describe('the page of all settings', () => {
  const rows = renderSchemaPage()
    .split('\n')
    .filter((line) => line.startsWith('| `'));

  it('has one row a setting, in the order of the catalogue', () => {
    expect(rows.map((row) => /^\| `(\w+)`/.exec(row)?.[1])).toEqual([...settingNames]);
  });

  it('says of each whether it must be there, and what it means', () => {
    const row = rows.find((each) => each.startsWith('| `AUTH_SECRET`')) ?? '';
    const cells = row.split('|').map((cell) => cell.trim());
    expect(cells.slice(1, 5)).toEqual(['`AUTH_SECRET`', 'secret', 'yes', 'secret of the environment']);
    expect(cells).toContain(declarationOf('AUTH_SECRET').description);
  });

  it('has columns that are aligned', () => {
    const tables = renderSchemaPage().split(/\n(?!\|)/);
    for (const table of tables) {
      const widths = table
        .split('\n')
        .filter((line) => line.startsWith('|'))
        .map(({ length }) => length);
      expect(new Set(widths).size).toBeLessThanOrEqual(1);
    }
  });

  it.each([
    [true, 'yes'],
    [false, 'no'],
    [{ whenSet: ['A', 'B'] } as const, 'when A or B is set'],
    [{ unlessSet: ['C'] } as const, 'unless C is set'],
  ])('puts a requirement into words: %j', (required, text) => expect(requirementText(required)).toBe(text));
});

describe('.env.example', () => {
  const text = renderExampleFile();
  const values = parseDotEnv(text, '.env.example');

  it('can be read by the strict reader, and a copy that is not filled in is incomplete in all of it', () => {
    const { faults } = examine({ ...values, DOMAIN: 'preview.cogni.test' }, 'deploy');
    const kinds = new Set(faults.map(({ kind }) => kind));
    expect([...kinds]).toEqual(['empty']);
    expect(Object.values(values).join('')).toBe('');
  });

  it('has what is required as a line, what is optional as a comment, and nothing that is made', () => {
    expect(values).toHaveProperty('AUTH_SECRET', '');
    expect(values).not.toHaveProperty('METRICS_TOKEN');
    expect(text).toMatch(/^# METRICS_TOKEN=$/m);
    expect(text).toMatch(/^# CHERRY_AUTH_TOKEN=$/m);
    expect(text).not.toContain('SSH_DEPLOY_KEY');
    for (const name of ['DATABASE_URL', 'APP_IMAGE', 'DOMAIN', 'NO_COLOR'])
      expect(text).not.toContain(`${name}=`);
  });
});

describe('the page of the way in', () => {
  const page = renderSetupPage(environments);

  it('leads to every environment and back to each after a loss', () => {
    const headings = [...page.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual([
      '1. Accounts, once',
      '2. One',
      '3. Two',
      '4. Recovery of one',
      '5. Recovery of two',
    ]);
  });

  it('leads by commands that a test runs, each of them', () => {
    for (const part of ['One', 'Recovery of one'])
      expect(commandsOf(part, 'on the sandbox', page)).toContain('npx cdktf diff one');
    expect(commandsRun('on the sandbox', page).filter((line) => line === 'npx cdktf diff one')).toHaveLength(
      1,
    );
    const more = page.replace('npx cdktf diff one', 'rm -rf one');
    expect(() => commandsRun('on the sandbox', more)).toThrow('no test runs "rm -rf one"');
    expect(commandsOf('One', 'in a copy of the checkout', page)).toContain('git push origin HEAD:branch-one');
    for (const line of ['git reset --hard', 'npm publish', './cogni status one', 'npx cdktf destroy one'])
      expect(() => commandsRun('demo', `${page}\nThen comes \`${line}\`.\n`)).toThrow(
        `no test runs "${line}"`,
      );
    expect(() => commandsOf('Two', 'demo', page)).toThrow('has nothing of that kind under "Two"');
  });

  it('leads back from a machine with nothing on it: what was exported comes before the look at what is lost', () => {
    const kinds = ['on the sandbox', 'as it stands', 'for the shell'] as const;
    expect(commandsOf('Recovery of one', kinds, page).slice(0, 6)).toEqual([
      './cogni settings import one <file> --identity <key>',
      'read -r CHERRY_PROJECT_ID && export CHERRY_PROJECT_ID',
      'read -rs CHERRY_AUTH_TOKEN && export CHERRY_AUTH_TOKEN',
      'ssh-add .cogni/one/deploy_key',
      './cogni settings check one',
      './cogni host check one',
    ]);
  });

  it('has nobody type a value that only they know: not one of its lines sets one', () => {
    const typed = page.replace(/^read -r (CHERRY_PROJECT_ID) && .*$/m, 'export $1=123456');
    expect(typed).not.toBe(page);
    expect(() => commandsRun('for the shell', typed)).toThrow(
      'no test runs "export CHERRY_PROJECT_ID=123456"',
    );
    expect(commandsRun('for the shell', page)).not.toEqual([]);
  });

  it('asks for a record of www only where the site answers to it', () => {
    expect(page).toContain('`two.cogni.test` and `www.two.cogni.test`');
    expect(page).not.toContain('www.one.cogni.test');
  });

  it('names all that is to be replaced in the records, and whose images a push builds', () => {
    expect(page).toContain('`ghcr.io/one/app` (one), `ghcr.io/two/app` (two)');
    expect(page).toContain('builds the `Dockerfile` at the root of the checkout');
  });

  it('sends the A record to the one address that answers', () => {
    const [, , one = '', two = ''] = page.split(/^## /m);
    for (const part of [one, two]) expect(part).toContain("printed the host's address, as `address`");
    expect(one).not.toContain('floating_address');
    expect(two).toContain('(not `floating_address`: nothing answers there yet');
  });

  it('names every setting that only people know', () => {
    for (const name of ['GHCR_USERNAME', 'GHCR_DEPLOY_TOKEN', 'CHERRY_AUTH_TOKEN'])
      expect(page).toContain(`\`${name}\``);
  });

  it('leads workflows to each environment, with a copy of its deploy key that does not stay', () => {
    const [, , one = '', two = ''] = page.split(/^## /m);
    expect(one).toContain('make one named `one`, let nothing but the branch `branch-one` deploy to it.');
    expect(two).toContain('deploy to it, and name reviewers.');
    const lines = two.split('\n');
    expect(lines.indexOf('rm ~/.ssh/two_actions')).toBeGreaterThan(
      lines.indexOf('cp ~/.ssh/two ~/.ssh/two_actions'),
    );
    const synced = ['Two', 'Recovery of two'].flatMap((part) =>
      commandsOf(part, 'with a double of GitHub', page),
    );
    expect(synced).toEqual([
      './cogni settings sync two --deploy-key ~/.ssh/two_actions --repository <owner/name> --dry-run',
      './cogni settings sync two --deploy-key ~/.ssh/two_actions --repository <owner/name>',
      './cogni settings sync two --no-host --shared --repository <owner/name>',
      './cogni settings sync two --repository <owner/name>',
    ]);
  });

  it('makes a floating address before the host, and names both stacks where cdktf wants them', () => {
    const cdktf = page.split('\n').filter((line) => line.startsWith('npx cdktf '));
    // From nothing, and the same after a loss.
    const all = [
      'npx cdktf diff one',
      'npx cdktf deploy one',
      'npx cdktf diff two-address',
      'npx cdktf deploy two-address',
      'npx cdktf diff two',
      'npx cdktf deploy two-address two',
    ];
    expect(cdktf).toEqual([...all, ...all]);
  });

  it('names what the services of an environment need besides, with the account that it comes from', () => {
    const [, , one = '', two = ''] = page.split(/^## /m);
    expect(one).not.toContain('OPENROUTER_API_KEY');
    expect(two).toContain('- `OPENROUTER_API_KEY`: Key of the OpenRouter account');
    expect(two).not.toContain('- `AUTH_SECRET`');
    expect(page).toContain('### 1.4 OpenRouter\n\nLiteLLM asks the language models through it (two).');
    expect(page).not.toContain('Grafana');
  });
});
