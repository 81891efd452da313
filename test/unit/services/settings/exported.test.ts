import fc from 'fast-check';
import { Secret } from '../../../../foundation/secret';
import {
  importRows,
  mergeDotEnv,
  parseDotEnv,
  parseExport,
  renderDotEnv,
  renderExport,
} from '../../../../services';
import { anyString } from '../../compose/hostile';

const madeAt = '2026-01-02T03:04:05.000Z';
const sample = {
  environment: 'preview',
  madeAt,
  settings: { AUTH_SECRET: 'planted-value' },
  files: { known_hosts: 'cogni-preview ssh-ed25519 AAAA\n' },
};

describe('an export of settings', () => {
  it('reads back as what was written, whatever the values are', () => {
    const parts = fc.dictionary(fc.stringMatching(/^[A-Za-z][\w.-]{0,20}$/), anyString);
    fc.assert(
      fc.property(parts, parts, (settings, files) => {
        const exported = { environment: 'preview', madeAt, settings, files };
        expect(parseExport(renderExport(exported), 'preview', 'test')).toEqual(exported);
      }),
      { numRuns: 500 },
    );
  });

  it('is refused wherever it was cut off, without a value in the message', () => {
    const text = renderExport(sample).trimEnd();
    for (let length = 0; length < text.length; length += 1) {
      expect(() => parseExport(text.slice(0, length), 'preview', 'x.age')).toThrow(
        'x.age cannot be imported: it is no export of settings',
      );
    }
  });

  it('is refused for another environment, and says which one it is of', () => {
    expect(() => parseExport(renderExport(sample), 'production', 'x.age')).toThrow(
      /it is of "preview", and not of production[^]*settings import preview x\.age/,
    );
  });

  it.each([
    [{ kind: 'other' }, 'it is no export of settings'],
    [{ format: 2 }, 'its format is 2, and this checkout reads 1'],
    [{ settings: { AUTH_SECRET: 7 } }, 'settings.AUTH_SECRET'],
    [{ more: true }, 'it is not of the form'],
    [{ madeAt: 'yesterday' }, 'madeAt'],
  ])('is refused with %j in it', (change, said) => {
    const document: unknown = { ...(JSON.parse(renderExport(sample)) as object), ...change };
    const read = (): unknown => parseExport(JSON.stringify(document), 'preview', 'x.age');
    expect(read).toThrow(said);
    expect(read).not.toThrow('planted');
  });
});

describe('what an import does', () => {
  const rule = { known: (name: string) => name !== 'STRANGE', replaced: () => false };

  it('is to write what is new, to keep what differs, and to leave out what nobody knows', () => {
    const rows = importRows(
      'setting',
      { NEW: '1', SAME: '2', OTHER: '3', STRANGE: '4' },
      { SAME: '2', OTHER: 'mine' },
      rule,
    );
    expect(rows.map(({ name, is, will }) => [name, is, will])).toEqual([
      ['NEW', 'new', 'be written'],
      ['SAME', 'equal', 'stay'],
      ['OTHER', 'different', 'be kept as it is here'],
      ['STRANGE', 'unknown', 'be left out'],
    ]);
  });

  it('is to replace what differs where a person said so', () => {
    const [row] = importRows('file', { a: '1' }, { a: '2' }, { ...rule, replaced: () => true });
    expect(row).toEqual({ name: 'a', part: 'file', is: 'different', will: 'be written' });
  });
});

describe('a settings file into which values are put', () => {
  const merged = (text: string | undefined, values: Readonly<Record<string, string>>): string =>
    mergeDotEnv(text, new Map(Object.entries(values))).reveal();

  it('keeps comments and order, replaces in place, and has what is new at its end', () => {
    expect(merged('# ours\nONE=1\n\nTWO=2', { ONE: 'a b', THREE: '3' })).toBe(
      "# ours\nONE='a b'\n\nTWO=2\nTHREE=3\n",
    );
    expect(merged(undefined, { ONE: '1' })).toBe('ONE=1\n');
    expect(merged('', {})).toBe('');
  });

  it('is a secret as a whole, and is not made when one value cannot be written', () => {
    expect(String(mergeDotEnv('', new Map([['A', Secret.of('A', 'planted')]])))).toBe('[secret .env]');
    expect(() => merged('A=1\n', { A: 'two\nlines', B: '' })).toThrow(/A holds a line break[^]*B is empty/);
  });

  it('reads back as the old values with the new ones over them', () => {
    const name = fc.constantFrom('A', 'B', 'C', 'D');
    const value = fc.string({ minLength: 1, unit: fc.constantFrom('a', ' ', '#', "'", '$', '"', '=') });
    const values = fc.dictionary(name, value);
    fc.assert(
      fc.property(values, values, (before, change) => {
        const text = renderDotEnv(Object.entries(before)).reveal();
        expect(parseDotEnv(merged(text, change), 'test')).toEqual({ ...before, ...change });
      }),
      { numRuns: 500 },
    );
  });
});
