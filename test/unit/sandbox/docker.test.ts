import type { Command, Output } from '../../../foundation/process';
import { dockerAt } from '../../../sandbox/docker';

const ended = (code: number, stdout = '', stderr = ''): Output => ({
  code,
  signal: null,
  stdout,
  stderr,
  timedOut: false,
  milliseconds: 1,
});

function recorder(output: Output): { commands: Command[]; run: (command: Command) => Promise<Output> } {
  const commands: Command[] = [];
  return {
    commands,
    run: (command) => {
      commands.push(command);
      return Promise.resolve(output);
    },
  };
}

describe('a Docker engine', () => {
  it('is addressed through DOCKER_HOST, without the TLS settings of another engine', async () => {
    const { commands, run } = recorder(ended(0));
    await dockerAt('unix:///x/docker.sock', run).docker(['ps']);
    expect(commands[0]?.argv).toEqual(['docker', 'ps']);
    expect(commands[0]?.env).toEqual({
      DOCKER_HOST: 'unix:///x/docker.sock',
      DOCKER_CONTEXT: undefined,
      DOCKER_TLS_VERIFY: undefined,
      DOCKER_CERT_PATH: undefined,
    });
  });

  it('is left to the client to find when no address is given', async () => {
    const { commands, run } = recorder(ended(0));
    await dockerAt(undefined, run).docker(['ps']);
    expect(commands[0]?.env).toEqual({});
  });

  it('gives the standard output of a command that succeeds', async () => {
    const { run } = recorder(ended(0, 'abc\n'));
    await expect(dockerAt(undefined, run).docker(['ps', '-q'])).resolves.toBe('abc\n');
  });

  it('fails with the output of the client when a command does not succeed', async () => {
    const { run } = recorder(ended(1, '', 'no such network'));
    await expect(dockerAt(undefined, run).docker(['network', 'rm', 'x'])).rejects.toThrow(
      /docker network rm x ended with exit code 1[\s\S]*no such network/,
    );
  });

  it('reports how a tried command ended instead of failing', async () => {
    const { run } = recorder(ended(1, '', 'no such network'));
    await expect(dockerAt(undefined, run).tryDocker(['network', 'rm', 'x'])).resolves.toMatchObject({
      code: 1,
    });
  });

  it('gives every command a deadline', async () => {
    const { commands, run } = recorder(ended(0));
    await dockerAt(undefined, run).docker(['ps']);
    await dockerAt(undefined, run).docker(['build', '-'], { deadline: 5 });
    expect(commands.map((command) => command.deadline)).toEqual([60_000, 5]);
  });
});
