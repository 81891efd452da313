import { check, Service } from '../../../../compose';
import { receiverPlace, receiverProject, renderReceiver, type ReceiverProps } from '../../../../services';
import { statesOf } from '../../../../services/state';
import { archive } from '../archive/archive';
import { receiver } from '../archive/receiver';

const props: ReceiverProps = {
  environment: 'production',
  image: archive.image as ReceiverProps['image'],
  receiver,
  database: { address: '203.0.113.7', user: 'deploy', alias: 'cogni-production' },
  pins: 'cogni-production ssh-ed25519 AAAA\n',
};
const file = (name: string): string =>
  renderReceiver(props).find(({ path }) => path.endsWith(name))?.content ?? '';

describe('a receiver of a database’s log', () => {
  it('is a project of its own, sound by every rule, which publishes nothing and has no right', () => {
    const project = receiverProject(props);
    expect(project.name).toBe('cogni-receiver-production');
    expect(check(project)).toEqual([]);
    const [service] = project.services.filter((each) => each instanceof Service);
    expect(service?.props).toMatchObject({ readOnly: true, capabilities: [], user: 'postgres' });
    expect(file('compose.yaml')).not.toMatch(/ports:|privileged|cap_add/);
  });

  it('says what its volume is worth, and is where others look for it', () => {
    const { volume, container } = receiverPlace('production');
    expect([...statesOf(receiverProject(props))]).toEqual([[volume, 'rebuildable']]);
    expect(container).toBe('cogni-receiver-production-receiver-1');
  });

  it('goes to the database’s host alone, believes its pinned key alone, and shows its own key alone', () => {
    const config = file('ssh_config');
    for (const line of [
      'HostName 203.0.113.7',
      'User deploy',
      'HostKeyAlias cogni-production',
      'StrictHostKeyChecking yes',
      'IdentitiesOnly yes',
      'IdentityAgent none',
      'ClearAllForwardings yes',
    ]) {
      expect(config).toContain(`  ${line}\n`);
    }
    expect(file('known_hosts')).toBe(props.pins);
  });

  it('keeps as much log as its record says, and never removes what is being written', () => {
    const program = renderReceiver({ ...props, receiver: { ...receiver, room: 512 } }).find(({ path }) =>
      path.endsWith('receiver.sh'),
    )?.content;
    expect(program).toContain('awk -v room=512 ');
    expect(program).toContain('NR > 2 && total > room * 1048576');
  });

  it('has each piece on its disk before the next one where commits wait for it, and is held up by no disk elsewhere', () => {
    const program = (of: ReceiverProps['receiver']): string =>
      renderReceiver({ ...props, receiver: of }).find(({ path }) => path.endsWith('receiver.sh'))?.content ??
      '';
    expect(program(receiver)).not.toContain('--synchronous');
    expect(program({ ...receiver, synchronous: 'always' })).toContain(' --synchronous --no-loop');
  });

  it('is made anew when what it is rendered from changes', () => {
    const paths = (of: ReceiverProps): readonly string[] => renderReceiver(of).map(({ path }) => path);
    expect(paths(props)).toEqual(paths(props));
    expect(paths({ ...props, database: { ...props.database, address: '203.0.113.8' } })).not.toEqual(
      paths(props),
    );
  });
});
