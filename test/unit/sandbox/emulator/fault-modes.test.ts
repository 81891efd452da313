import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { faultModes, namesIn, ordersOf } from '../../../../sandbox/emulator/fault-modes';

const page = readFileSync(join(__dirname, '../../../../docs/emulator.md'), 'utf8');
const section = (page.split('## Fault modes\n')[1] ?? '').split('\n## ')[0] ?? '';

describe('the fault modes', () => {
  test('have the numbers 1 to 27, each once and in this order', () => {
    expect(faultModes.map(({ number }) => number)).toEqual(
      Array.from({ length: 27 }, (_, index) => index + 1),
    );
  });

  test('have at least one variant each, which makes at least one call', () => {
    for (const { variants } of faultModes) {
      expect(Object.keys(variants)).not.toEqual([]);
      for (const orders of Object.values(variants)) expect(orders).not.toEqual([]);
    }
  });

  test('stand in the documentation as they are: number, fault, variants with what they need, outcome', () => {
    const rows = section
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    const variantsOf = ({ variants }: (typeof faultModes)[number]): string =>
      Object.entries(variants)
        .map(([name, orders]) => [`\`${name}\``, namesIn(orders).join(', ')])
        .map(([name, needed]) => (needed === '' ? name : `${name} (${needed})`))
        .join(', ');
    expect(rows).toEqual(
      faultModes.map((mode) => [`\`${mode.number}\``, mode.fault, variantsOf(mode), mode.outcome]),
    );
  });
});

describe('what the caller names', () => {
  const orders = [
    { call: 'PATCH /_emu/x/{server}', body: { a: '{server}', '{plan}': ['{plan}', 'in {plan}'], n: null } },
    { call: 'DELETE /_emu/x' },
  ];

  test('is asked for once each', () => {
    expect(namesIn(orders)).toEqual(['server', 'plan']);
  });

  test('takes the place of its name in paths, keys and texts; alone, a number stays a number', () => {
    expect(ordersOf(orders, { server: 811000, plan: 'B1' })).toEqual([
      { call: 'PATCH /_emu/x/811000', body: { a: 811000, B1: ['B1', 'in B1'], n: null } },
      { call: 'DELETE /_emu/x' },
    ]);
  });
});
