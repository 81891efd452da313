import type { Command } from 'commander';
import { cogniProgram } from '../../../cli/program';

/** Every command that does something, by its words. */
function leaves(command: Command, words: readonly string[] = []): (readonly [string, Command])[] {
  return command.commands.length === 0
    ? [[words.join(' '), command]]
    : command.commands.flatMap((child) => leaves(child, [...words, child.name()]));
}

/** What `--help` prints, texts after it included. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (chunk) => (text += chunk) });
  command.outputHelp();
  return text;
}

describe('the command line', () => {
  const groups = cogniProgram().commands.filter(({ commands: below }) => below.length > 0);
  it.each(groups.map((group) => [group.name(), group] as const))(
    'shows an example in the help of the group "%s", and --help as the one way to it',
    (name, group) => {
      expect(helpOf(group)).toMatch(new RegExp(`Examples?:\\n  .*\\./cogni ${name}`));
      expect(helpOf(group)).not.toContain('help [command]');
    },
  );

  const commands = leaves(cogniProgram());

  it('has the commands of the spine', () => {
    expect(commands.map(([words]) => words)).toEqual(
      expect.arrayContaining([
        ...['sandbox up', 'sandbox demo', 'sandbox status', 'sandbox env', 'sandbox publish', 'sandbox down'],
        ...['test', 'render', 'deploy', 'host wait', 'host pin', 'host check', 'host converge'],
        ...[
          'settings list',
          'settings check',
          'settings generate',
          'images lock',
          'images release',
          'providers lock',
          'sourcecred release',
        ],
      ]),
    );
  });

  it.each(commands)('shows an example of itself in the help of "%s"', (words, command) => {
    expect(helpOf(command)).toMatch(new RegExp(`Examples?:\\n  .*\\./cogni ${words}`));
  });

  it.each([
    ['host wait', '20'],
    ['host pin', '5'],
  ])('shows in the help of "%s" a time to wait in the unit that it is given in', (words, otherwise) => {
    const [, command] = commands.find(([each]) => each === words)!;
    expect(helpOf(command)).toMatch(new RegExp(`--timeout <minutes> .*\\(default: ${otherwise}\\)`));
  });

  it.each(commands)('describes "%s" and every option of it', (_words, command) => {
    expect(command.description().length).toBeGreaterThan(20);
    for (const option of command.options) expect(option.description.length).toBeGreaterThan(5);
  });
});
