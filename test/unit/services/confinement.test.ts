import { load } from 'js-yaml';
import { synthesize } from '../../../compose';
import { receiverProject, type ReceiverProps } from '../../../services/receiver/receiver';
import { everything } from './everything';
import { archive } from './archive/archive';
import { receiver } from './archive/receiver';

interface Entry {
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly pids_limit?: number;
  readonly mem_limit?: string;
  readonly privileged?: boolean;
}

const receiverProps: ReceiverProps = {
  environment: 'production',
  image: archive.image as ReceiverProps['image'],
  receiver,
  database: { address: '203.0.113.7', user: 'deploy', alias: 'cogni-production' },
  pins: 'cogni-production ssh-ed25519 AAAA\n',
};

const entries = [...everything(), receiverProject(receiverProps)].flatMap((project) =>
  synthesize(project)
    .filter(({ path }) => path === 'compose.yaml')
    .flatMap(({ content }) =>
      Object.entries((load(content) as { services: Record<string, Entry> }).services).map(
        ([name, entry]) => [`${project.name}/${name}`, entry] as const,
      ),
    ),
);

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
