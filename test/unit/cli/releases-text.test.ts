import { releasesText } from '../../../cli/releases-text';
import { servingHost } from '../deploy/rolling/sample';

const record = {
  ...servingHost().release!,
  id: '20261101T000000Z-preview-1',
  by: { who: 'ada', from: 'ci' },
};

describe('the releases of a host, for a person', () => {
  test('are a line each: what serves, and what going back would need a registry for', () => {
    const older = {
      ...record,
      id: '20261031T000000Z-preview-0',
      checkout: { commit: 'c'.repeat(40), dirty: true },
    };
    const releases = [
      { record, serving: true, onHost: true },
      { record: older, serving: false, onHost: false },
    ];
    expect(releasesText({ releases, unreadable: [] }, 'preview').split('\n')).toEqual([
      `* ${record.id}  serves, by ada on ci`,
      `  ${older.id}  in the registry, if it still has it, by ada on ci, from cccccccccccc with uncommitted changes`,
    ]);
  });

  test('name the records that nobody can read, with what to do about them', () => {
    const unreadable = [
      { id: '20261102T000000Z-preview-2', is: 'damaged' },
      { id: '20261103T000000Z-preview-3', is: 'newer' },
    ] as const;
    const lines = releasesText({ releases: [], unreadable }, 'preview').split('\n');
    expect(lines).toEqual([
      expect.stringMatching(/^! the record of 20261102T000000Z-preview-2 .*releases\/20261102.*\.json/),
      expect.stringMatching(/^! a newer .*20261103T000000Z-preview-3.*update this checkout/),
    ]);
  });

  test('are none where nothing was deployed', () => {
    expect(releasesText({ releases: [], unreadable: [] }, 'preview')).toBe(
      'nothing was deployed to preview yet',
    );
  });
});
