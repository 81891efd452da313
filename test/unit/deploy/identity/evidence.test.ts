import fc from 'fast-check';
import { evidenceCommand, parseEvidence } from '../../../../deploy/identity/evidence';
import { parseMarker } from '../../../../deploy/identity/host-marker';

const boot = '11111111-1111-1111-1111-111111111111';
const data = '22222222-2222-2222-2222-222222222222';
const disk = 'd'.repeat(64);
const marker = `{"v":1,"deployment":"${boot}","environment":"preview","disk":"${disk}","data":"${data}","written":"2026-11-21T08:15:00Z"}`;
const printed = (sections: Readonly<Record<string, string>>): string =>
  Object.entries(sections)
    .map(([name, text]) => `\x1e${name}\n${text}\n`)
    .join('');

describe('the evidence of a host', () => {
  it('is read from what the question printed', () => {
    const text = printed({ boot, disk, marker, release: '20261121T081500Z-preview-0123abc', data });
    expect(parseEvidence(text)).toEqual({
      boot,
      disk,
      marker: parseMarker(marker),
      release: '20261121T081500Z-preview-0123abc',
      data: { state: 'marked', id: data },
    });
  });

  it('tells data without a marker from a database that does not answer', () => {
    expect(parseEvidence(printed({ data: 'none' })).data).toEqual({ state: 'unmarked' });
    expect(parseEvidence(printed({ data: 'Error: No such container: x\nexit 1' })).data).toEqual({
      state: 'silent',
      why: 'Error: No such container: x',
    });
    expect(parseEvidence(printed({ data: 'exit 124' })).data).toMatchObject({ why: 'no answer in time' });
    expect(parseEvidence('').data).toEqual({ state: 'silent', why: 'nothing was said' });
  });

  it('takes a marker of another format for unreadable, never for none', () => {
    expect(parseEvidence(printed({ marker: marker.replace('"v":1', '"v":2') })).marker).toBe('unreadable');
    expect(parseEvidence(printed({ marker: marker.slice(0, 40) })).marker).toBe('unreadable');
    expect(parseEvidence(printed({ marker: '' })).marker).toBe('none');
  });

  it('reads whatever a host may print, without a fault and without control characters in a reason', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (before, said) => {
        const { data: read } = parseEvidence(`${before}\x1edata\n${said}`);
        expect(read.state === 'silent' ? read.why : '').not.toMatch(/\p{C}/u);
      }),
    );
  });

  it('asks with fixed words only, and ends what hangs before the connection does', () => {
    expect(evidenceCommand.argv).toEqual(['sh', '-s']);
    expect(evidenceCommand.stdin).toContain('timeout --kill-after=2 15 docker exec');
  });
});
