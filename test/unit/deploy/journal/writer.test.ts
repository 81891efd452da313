import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunEvent } from '../../../../deploy/journal/event';
import { readJournal } from '../../../../deploy/journal/reader';
import { journalCommand, journalLimits, openJournal, type Journal } from '../../../../deploy/journal/writer';
import { localTransport } from '../../../../deploy/local';
import { isHeld, type RemoteCommand, type Transport } from '../../../../deploy/transport';
import { fakeClock } from '../fake-clock';
import { fakeTransport } from '../fake-transport';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cogni-journal-'));
  file = join(folder, 'journal.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

const here = localTransport();
const eventOf = (step: string): RunEvent => ({ kind: 'step-begun', step });
const stepsIn = async (): Promise<string[]> => {
  const { runs } = await readJournal(here, file, 'preview');
  return runs.flatMap(({ steps }) => steps.map(({ step }) => step));
};

async function opened(
  first: string,
  more: { transport?: Transport; run?: string } = {},
): Promise<{ journal: Journal; problems: string[] }> {
  const problems: string[] = [];
  const journal = openJournal(
    { file, run: more.run ?? '1', first: eventOf(first) },
    {
      transport: more.transport ?? here,
      clock: fakeClock(),
      onProblem: (why) => void problems.push(why),
    },
  );
  await journal.opened;
  return { journal, problems };
}

describe('writing the journal', () => {
  test('has the first line on the disk once it is open, and all of them once it is closed', async () => {
    const { journal, problems } = await opened('pull');
    expect(await stepsIn()).toEqual(['pull']);
    for (const step of ['lock', 'stage', 'migrate']) journal.add(eventOf(step));
    expect(await journal.close()).toBeUndefined();
    expect(await stepsIn()).toEqual(['pull', 'lock', 'stage', 'migrate']);
    expect(problems).toEqual([]);
  });

  test('appends to what is there, and makes it readable for everybody and writable for its owner alone', async () => {
    await (await opened('one', { run: '1' })).journal.close();
    await (await opened('two', { run: '2' })).journal.close();
    expect((await stepsIn()).sort()).toEqual(['one', 'two']);
    const mode = await here.run({ argv: ['stat', '--format=%a', file], deadline: 5000 });
    expect(mode.stdout).toBe('644\n');
  });

  test('ends a line that was cut off before it writes the next one', async () => {
    await (await opened('one')).journal.close();
    appendFileSync(file, '{"v":1,"run":"9","at":"20');
    await (await opened('two')).journal.close();
    const { torn } = await readJournal(here, file, 'preview');
    expect([await stepsIn(), torn]).toEqual([['one', 'two'], 1]);
  });

  test('passes texts on as they are, whatever a shell would make of them', async () => {
    const text = String.raw`$(id) \n %s "a" 'b' \\ * é`;
    await (await opened(text)).journal.close();
    expect(await stepsIn()).toEqual([text]);
  });

  test('keeps the lines of two runs whole that write at the same time', async () => {
    const two = await Promise.all([opened('a', { run: '1' }), opened('a', { run: '2' })]);
    for (let index = 0; index < 25; index += 1) {
      for (const { journal } of two) journal.add(eventOf(`step ${index}`));
    }
    expect(await Promise.all(two.map(({ journal }) => journal.close()))).toEqual([undefined, undefined]);
    const { runs, torn } = await readJournal(here, file, 'preview');
    expect([runs.map(({ steps }) => steps.length), torn]).toEqual([[26, 26], 0]);
  });

  test('leaves the lines that arrived, and no half one, when its input is cut off', async () => {
    const { argv, deadline } = journalCommand(file);
    const held = await here.hold({ argv, deadline, stdin: '{"whole":1}\n' });
    if (!isHeld(held)) throw new Error('it ended');
    held.send('{"half":');
    await held.release();
    expect(readFileSync(file, 'utf8')).toBe('{"whole":1}\n');
  });
});

describe('the growth of the journal', () => {
  const rotating = async (limits: { bytes: number; keep: number }): Promise<void> => {
    const held = await here.hold({ ...journalCommand(file, limits), stdin: 'line\n' });
    if (isHeld(held)) await held.release();
  };

  test('is bounded: a full file becomes the newest of the older ones, the oldest goes', async () => {
    for (const content of ['first\n', 'second\n', 'third\n', 'fourth\n']) {
      writeFileSync(file, content);
      await rotating({ bytes: 5, keep: 2 });
    }
    expect(readdirSync(folder).sort()).toEqual(['journal.jsonl', 'journal.jsonl.1', 'journal.jsonl.2']);
    expect(readFileSync(`${file}.1`, 'utf8')).toBe('fourth\n');
    expect(readFileSync(`${file}.2`, 'utf8')).toBe('third\n');
    expect(readFileSync(file, 'utf8')).toBe('line\n');
  });

  test('leaves a file alone that is not full', async () => {
    writeFileSync(file, 'few\n');
    await rotating({ bytes: 5, keep: 2 });
    expect(readFileSync(file, 'utf8')).toBe('few\nline\n');
  });

  test('rotates a full file once when several runs begin at the same time', async () => {
    writeFileSync(file, 'x'.repeat(100));
    await Promise.all(Array.from({ length: 4 }, () => rotating({ bytes: 50, keep: 3 })));
    expect(existsSync(`${file}.2`)).toBe(false);
    expect(readFileSync(file, 'utf8')).toBe('line\n'.repeat(4));
  });

  test('keeps runs whose lines were rotated apart in one piece', async () => {
    await (await opened('older', { run: '1' })).journal.close();
    await here.run({ argv: ['mv', file, `${file}.${journalLimits.keep}`], deadline: 5000 });
    await (await opened('newer', { run: '1' })).journal.close();
    expect(await stepsIn()).toEqual(['older', 'newer']);
  });
});

/** A file may grow to one block of 512 bytes: a write beyond it is cut short and refused, as on a full disk. */
const fullAfterABlock: Transport = {
  ...here,
  hold: (command, options) => {
    const { argv } = command;
    const limited: RemoteCommand['argv'] = [
      'sh',
      '-c',
      'trap "" XFSZ; ulimit -f 1; exec "$@"',
      'sh',
      ...argv,
    ];
    return here.hold({ ...command, argv: limited }, options);
  },
};

describe('a journal that cannot be written', () => {
  test('says so once, and lets the run go on', async () => {
    const { journal, problems } = await opened('one', { transport: fullAfterABlock });
    for (let index = 0; index < 12; index += 1) journal.add(eventOf(`the step ${index}`));
    expect(await journal.close()).toContain('File too large');
    expect(problems).toHaveLength(1);
    const { torn } = await readJournal(here, file, 'preview');
    expect(torn).toBe(1);
    expect((await stepsIn())[0]).toBe('one');
  });

  test('is written on when there is room again', async () => {
    const { journal } = await opened('one', { transport: fullAfterABlock });
    for (let index = 0; index < 12; index += 1) journal.add(eventOf(`the step ${index}`));
    await journal.close();
    await (await opened('later', { run: '2' })).journal.close();
    expect(await stepsIn()).toContain('later');
  });

  test('says why when its folder is not there', async () => {
    file = join(folder, 'missing', 'journal.jsonl');
    const { journal, problems } = await opened('one');
    journal.add(eventOf('two'));
    expect(await journal.close()).toMatch(/missing/);
    expect(problems).toHaveLength(1);
  });

  test('counts what its writer never answered as lost', async () => {
    const silent = fakeTransport();
    const deaf: Transport = { ...silent, hold: (command) => silent.hold(command) };
    const { journal, problems } = await opened('one', { transport: deaf });
    journal.add(eventOf('two'));
    expect(await journal.close()).toBe('its writer was cut off');
    expect(problems).toEqual(['its writer was cut off']);
  });
});
