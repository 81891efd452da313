import { everyService } from './everything';

const entries = everyService();

/** The reason of each that runs as the user of its image. */
const asTheImageSays: Readonly<Record<string, string>> = {
  'cogni-edge/caddy': 'the image has no other user, and root without rights owns its volumes on every host',
  'cogni-runtime/postgres': 'its entrypoint hands the data folder over to the server’s user, and becomes it',
  'cogni-runtime/db-migrate': 'the image is the application’s, whose user nobody has promised',
};
/** What each may do beyond what any process may. */
const rights: Readonly<Record<string, readonly string[]>> = {
  'cogni-edge/caddy': ['NET_BIND_SERVICE'],
  'cogni-runtime/postgres': ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SETGID', 'SETUID'],
  // Reads the data of others, to copy them.
  'cogni-runtime/copies': ['DAC_READ_SEARCH'],
};

describe('every service that a host may have', () => {
  it('is looked at', () => {
    expect(entries.length).toBeGreaterThanOrEqual(11);
  });

  it.each(entries)(
    'cannot write to its image, nor start processes or take memory without end: %s',
    (_, entry) => {
      expect(entry).toMatchObject({
        read_only: true,
        pids_limit: expect.any(Number) as number,
        mem_limit: expect.any(String) as string,
      });
      expect(entry).not.toHaveProperty('privileged');
    },
  );

  it.each(entries)('has no rights but those that it is known to need, and gets none: %s', (name, entry) => {
    expect(entry.cap_drop).toEqual(['ALL']);
    expect(entry.cap_add ?? []).toEqual(rights[name] ?? []);
    expect(entry.security_opt).toContain('no-new-privileges:true');
  });

  it.each(entries)('runs as a user that is named, or has a reason: %s', (name, entry) => {
    expect([name, entry.user === undefined]).toEqual([name, name in asTheImageSays]);
  });
});
