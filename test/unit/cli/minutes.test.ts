import { minutes } from '../../../cli/minutes';

describe('an option that says how long to wait', () => {
  it.each([
    ['20', 1_200_000],
    ['0.5', 30_000],
    ['1440', 86_400_000],
  ])('takes %s minutes', (text, milliseconds) => {
    expect(minutes(text)).toBe(milliseconds);
  });

  it.each(['0', '-1', '1441', 'Infinity', 'ten', '', 'NaN'])(
    'refuses %j, and says what is allowed',
    (text) => {
      expect(() => minutes(text)).toThrow(`"${text}" is not a number of minutes above 0, and 1440 at most.`);
    },
  );
});
