import { readableToItsEnd } from '../../../cli/terraform-gate';
import { ExitCode, Failure } from '../../../foundation/failure';

const failure = new Failure({
  what: 'the bootstrap failed',
  state: 'as it was',
  next: './cogni host converge preview',
  exitCode: ExitCode.refused,
});

const fail = (): Promise<void> => Promise.reject(failure);

describe('a command that Terraform runs as its gate', () => {
  let written: string[];
  const setAsGate = process.env['COGNI_USER_DATA'];

  beforeEach(() => {
    written = [];
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  });

  afterEach(() => {
    jest.restoreAllMocks();
    process.exitCode = undefined;
    if (setAsGate === undefined) delete process.env['COGNI_USER_DATA'];
    else process.env['COGNI_USER_DATA'] = setAsGate;
  });

  it('prints its report at once when it fails, and ends a second later, so that cdktf has read it', async () => {
    process.env['COGNI_USER_DATA'] = 'eA==';
    const slept: { for: number; after: string }[] = [];
    await readableToItsEnd({ json: false }, fail, {
      sleep: (milliseconds) => {
        slept.push({ for: milliseconds, after: written.join('') });
        return Promise.resolve();
      },
    });
    expect(slept).toEqual([
      { for: 1_000, after: expect.stringContaining('next:  ./cogni host converge preview') as string },
    ]);
    expect(process.exitCode).toBe(ExitCode.refused);
  });

  it('does not wait when it succeeds', async () => {
    process.env['COGNI_USER_DATA'] = 'eA==';
    const sleep = jest.fn();
    await readableToItsEnd({ json: false }, () => Promise.resolve(), { sleep });
    expect(sleep).not.toHaveBeenCalled();
    expect(process.exitCode).toBeUndefined();
  });

  it('leaves a failure to the command line when a person runs it', async () => {
    delete process.env['COGNI_USER_DATA'];
    await expect(readableToItsEnd({ json: false }, fail)).rejects.toBe(failure);
    expect(written).toEqual([]);
  });
});
