import fc from 'fast-check';
import { Bytes, Duration, Port } from '../../../compose';

describe('a duration', () => {
  it.each([
    [Duration.seconds(10), '10s'],
    [Duration.milliseconds(1_500), '1s500ms'],
    [Duration.minutes(90), '1h30m'],
    [Duration.hours(26), '26h'],
    [Duration.milliseconds(0), '0s'],
  ])('is written in Compose’s units: %s', (duration, expected) => {
    expect(duration.toString()).toBe(expected);
  });

  it('reads back as the same number of milliseconds', () => {
    const sizes = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };
    fc.assert(
      fc.property(fc.nat(10 ** 9), (milliseconds) => {
        const parts = [
          ...Duration.milliseconds(milliseconds)
            .toString()
            .matchAll(/(\d+)(h|ms|m|s)/g),
        ];
        const sum = parts.reduce((total, [, count, unit]) => total + Number(count) * sizes[unit as 'h'], 0);
        expect(sum).toBe(milliseconds);
      }),
    );
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d milliseconds', (amount) => {
    expect(() => Duration.milliseconds(amount)).toThrow(`not ${amount}`);
  });
});

describe('a size', () => {
  it.each([
    [Bytes.mebibytes(256), '256m'],
    [Bytes.gibibytes(2), '2g'],
    [Bytes.kibibytes(1536), '1536k'],
    [Bytes.mebibytes(2048), '2g'],
    [Bytes.of(1_000), '1000b'],
  ])('is written in the largest unit that it is a whole number of: %s', (size, expected) => {
    expect(size.toString()).toBe(expected);
  });

  it('is multiplied down to whole mebibytes, and never to nothing', () => {
    expect(Bytes.mebibytes(512).times(0.25).toString()).toBe('128m');
    expect(Bytes.mebibytes(5).times(0.5).toString()).toBe('2m');
    expect(Bytes.mebibytes(1).times(0.001).toString()).toBe('1m');
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses %d bytes', (amount) => {
    expect(() => Bytes.of(amount)).toThrow(`not ${amount}`);
  });
});

describe('a published port', () => {
  it('is written as Compose’s short form', () => {
    expect(new Port({ host: 80 }).toString()).toBe('80:80');
    expect(new Port({ host: 443, protocol: 'udp' }).toString()).toBe('443:443/udp');
    expect(new Port({ host: 8080, container: 80, address: '127.0.0.1' }).toString()).toBe(
      '127.0.0.1:8080:80',
    );
    expect(new Port({ host: 80, address: '::1' }).toString()).toBe('[::1]:80:80');
  });

  it.each([0, 65_536, 1.5])('refuses %d', (port) => {
    expect(() => new Port({ host: port })).toThrow(`not ${port}`);
  });
});

describe('a published port of another form', () => {
  it('takes one of a range, or any, and says so in the short form', () => {
    const range = { from: 8000, to: 8010 };
    expect(new Port({ host: range, container: 80 }).render()).toBe('8000-8010:80');
    expect(new Port({ host: 'ephemeral', container: 80 }).render()).toBe('80');
    expect(new Port({ host: 'ephemeral', container: 80, address: '127.0.0.1' }).render()).toBe(
      '127.0.0.1::80',
    );
    expect(new Port({ host: 80, protocol: 'sctp' }).render()).toBe('80:80/sctp');
  });

  it('is written out where the short form cannot say it', () => {
    expect(new Port({ host: 443, name: 'https', appProtocol: 'https', mode: 'host' }).render()).toEqual({
      name: 'https',
      mode: 'host',
      host_ip: undefined,
      target: 443,
      published: '443',
      protocol: 'tcp',
      app_protocol: 'https',
    });
  });

  it('needs a port of the container where the host’s is not one, and a range that begins before it ends', () => {
    expect(() => new Port({ host: 'ephemeral' })).toThrow('not NaN');
    expect(() => new Port({ host: { from: 2, to: 1 }, container: 1 })).toThrow('2-1');
  });

  it('conflicts where ranges, protocol and address meet', () => {
    const range = new Port({ host: { from: 80, to: 90 }, container: 80 });
    expect(range.conflictsWith(new Port({ host: 85 }))).toBe(true);
    expect(range.conflictsWith(new Port({ host: 91 }))).toBe(false);
    expect(range.conflictsWith(new Port({ host: 85, protocol: 'udp' }))).toBe(false);
    expect(range.conflictsWith(new Port({ host: 'ephemeral', container: 85 }))).toBe(false);
    const at = (address: string): Port => new Port({ host: 85, address });
    expect(range.conflictsWith(at('::1'))).toBe(true);
    expect(at('0.0.0.0').conflictsWith(at('10.0.0.1'))).toBe(true);
    expect(at('::').conflictsWith(at('0.0.0.0'))).toBe(false);
    expect(at('::').conflictsWith(at('10.0.0.1'))).toBe(false);
  });
});
