import { hourlyPrice } from '../../../../infra/cherry/price';

const monthly = { unit: 'Monthly', price: 20, currency: 'EUR', taxed: false };

describe('what a server costs', () => {
  it('is said by the hour, with its currency and whether tax is in it', () => {
    expect(
      hourlyPrice({ pricing: [monthly, { unit: 'Hourly', price: 0.03, currency: 'EUR', taxed: false }] }),
    ).toBe('0.03 EUR an hour, without tax');
    expect(hourlyPrice({ pricing: [{ unit: 'hourly', price: 0.03, taxed: true }] })).toBe(
      '0.03 an hour, tax included',
    );
  });

  it('is not guessed from another one', () => {
    expect(hourlyPrice({ pricing: [monthly] })).toBeUndefined();
    expect(hourlyPrice({ pricing: [{ unit: 'Hourly', price: null }] })).toBeUndefined();
    expect(hourlyPrice({})).toBeUndefined();
  });
});
