import { AddressStack } from '../../../infra/address-stack';
import { changeEffects } from '../../../infra/change-effects';
import { HostStack, type HostStackProps } from '../../../infra/host-stack';
import { examinePublicKey } from '../../../infra/public-key';
import { ed25519 } from './keys';
import { resource, synthesized, type Synthesized } from './synthesized';

const examined = examinePublicKey(ed25519(1, 'cogni_preview_deploy'));
if (!('key' in examined)) throw new Error(examined.fault);
const backend = { type: 'local', attributes: { path: '../../../state/x.tfstate' } };
const props: HostStackProps = {
  environment: 'preview',
  backend,
  host: {
    hostName: 'preview-cogni',
    projectId: 4242,
    plan: 'B1-4-4gb-80s-shared',
    region: 'LT-Siauliai',
    image: 'ubuntu_22_04',
    tags: { environment: 'preview' },
  },
  deployKey: examined.key,
  userData: '#cloud-config\nruncmd:\n- [sh, -c, "echo ${HOME} %{x}"]\nwrite_files:\n',
  preventDestroy: false,
  launcher: '../../../cogni',
  knownHosts: '../../../.cogni/preview/known_hosts',
};

const hostStack = (more: Partial<HostStackProps> = {}): Synthesized =>
  synthesized((app) => new HostStack(app, { ...props, ...more })).get('preview')!;

describe('the stack of a host', () => {
  it('has the resources whose addresses are a contract, and no other', () => {
    const { document } = hostStack();
    const addresses = Object.entries(document.resource!).flatMap(([type, named]) =>
      Object.keys(named).map((name) => `${type}.${name}`),
    );
    expect(addresses.sort()).toEqual([
      'cherryservers_server.host',
      'cherryservers_ssh_key.deploy_key',
      'null_resource.bootstrap',
      'terraform_data.host_key_pin',
    ]);
  });

  it('has these construct paths: renaming one destroys and creates, and needs a moved block', () => {
    expect(hostStack().paths).toEqual([
      'preview',
      'preview/address',
      'preview/backend',
      'preview/bootstrap',
      'preview/bootstrap/Default',
      'preview/cherryservers',
      'preview/deploy_key',
      'preview/deploy_key/Default',
      'preview/enrollment_token',
      'preview/enrollment_token/Default',
      'preview/host',
      'preview/host/Default',
      'preview/host_key',
      'preview/host_key_pin',
      'preview/host_key_pin/Default',
      'preview/host_name',
      'preview/null',
      'preview/server_id',
    ]);
  });

  it('asks for the server that its props describe', () => {
    const { document } = hostStack();
    expect(resource(document, 'cherryservers_server', 'host')).toMatchObject({
      name: 'preview-cogni',
      hostname: 'preview-cogni',
      project_id: 4242,
      plan: 'B1-4-4gb-80s-shared',
      region: 'LT-Siauliai',
      image: 'ubuntu_22_04',
      tags: { environment: 'preview' },
      ssh_key_ids: ['${cherryservers_ssh_key.deploy_key.id}'],
    });
    expect(resource(document, 'cherryservers_ssh_key', 'deploy_key')).toMatchObject({
      name: 'preview-cogni-deploy',
      public_key: examined.key.line,
    });
  });

  it('never reinstalls a living host: everything that wipes is ignored, and the API may not reinstall', () => {
    const server = resource(hostStack().document, 'cherryservers_server', 'host') as {
      lifecycle: { ignore_changes: string[] };
      allow_reinstall: boolean;
    };
    const wiping = Object.entries(changeEffects['1.5.3']!['cherryservers_server']!)
      .filter(([, effect]) => effect === 'wipes')
      .map(([attribute]) => attribute);
    expect(server.allow_reinstall).toBe(false);
    expect(server.lifecycle.ignore_changes).toEqual(expect.arrayContaining(wiping));
  });

  it('lets Terraform delete the server unless it is told to protect it', () => {
    const lifecycleOf = (stack: Synthesized): unknown =>
      resource(stack.document, 'cherryservers_server', 'host')['lifecycle'];
    expect(lifecycleOf(hostStack())).not.toHaveProperty('prevent_destroy');
    expect(lifecycleOf(hostStack({ preventDestroy: true }))).toHaveProperty('prevent_destroy', true);
  });

  it('waits for the bootstrap without a shell, once for each server', () => {
    const gate = resource(hostStack().document, 'null_resource', 'bootstrap');
    expect(gate['triggers']).toEqual({ server_id: '${cherryservers_server.host.id}' });
    expect(gate['provisioner']).toEqual([
      {
        'local-exec': {
          interpreter: [
            '../../../cogni',
            'host',
            'wait',
            'preview',
            '--machine',
            '${cherryservers_server.host.id}',
            '--address',
          ],
          command:
            '${one([for a in cherryservers_server.host.ip_addresses : a.address if a.type == "primary-ip"])}',
          environment: { COGNI_USER_DATA: '${nonsensitive(cherryservers_server.host.user_data)}' },
        },
      },
    ]);
  });

  it('reads the pin after the gate, and leaves it alone until there is another server', () => {
    const pin = resource(hostStack().document, 'terraform_data', 'host_key_pin');
    expect(pin['input']).toContain(
      'file("${path.module}/../../../.cogni/preview/known_hosts${substr(null_resource.bootstrap.id, 0, 0)}")',
    );
    expect(pin['triggers_replace']).toEqual(['${null_resource.bootstrap.id}']);
    expect(pin['lifecycle']).toEqual({ ignore_changes: ['input'] });
  });

  it('gives address, server id, host name and host key, and never the token', () => {
    const { output } = hostStack().document;
    expect(Object.keys(output!).sort()).toEqual(['address', 'host_key', 'host_name', 'server_id']);
    expect(JSON.stringify(output)).not.toContain('enrollment');
  });

  it('holds the user-data with a place for the token, which Terraform fills from a sensitive variable', () => {
    const { document } = hostStack();
    expect(document.variable!['enrollment_token']).toMatchObject({ sensitive: true, nullable: false });
    const expression = resource(document, 'cherryservers_server', 'host')['user_data'] as string;
    const parts =
      /^\$\{base64encode\(replace\(base64decode\("([^"]+)"\), "([\w-]+)", var\.enrollment_token\)\)\}$/.exec(
        expression,
      );
    const delivered = Buffer.from(parts![1]!, 'base64').toString();
    expect(delivered.startsWith(props.userData)).toBe(true);
    expect(delivered.split(parts![2]!)).toHaveLength(2);
  });

  it('keeps the token of the provider, and every credential, out of the file', () => {
    const { document } = hostStack();
    expect(document.provider).toEqual({ cherryservers: [{}], null: [{}] });
    expect(document.terraform['backend']).toEqual({ local: { path: '../../../state/x.tfstate' } });
  });

  it('pins the providers and the oldest Terraform', () => {
    const { terraform } = hostStack().document;
    expect(terraform['required_version']).toBe('>= 1.10.0');
    expect(terraform['required_providers']).toEqual({
      cherryservers: { source: 'cherryservers/cherryservers', version: '1.5.3' },
      null: { source: 'null', version: '3.2.4' },
    });
  });

  it('names no path of the machine', () => {
    const paths = hostStack().text.match(/[^\w.]\/(?:home|root|tmp|usr|var|work)\//g);
    expect(paths).toBeNull();
  });
});

describe('the stack of a floating address', () => {
  const both = (preventDestroy: boolean): ReadonlyMap<string, Synthesized> =>
    synthesized((app) => {
      const address = new AddressStack(app, {
        environment: 'preview',
        backend: { type: 'local', attributes: { path: '../../../state/address.tfstate' } },
        projectId: 4242,
        region: 'LT-Siauliai',
        preventDestroy,
      });
      new HostStack(app, { ...props, floatingAddress: address.floatingAddress });
    });

  it('is a stack of its own, named after the environment, with a state of its own', () => {
    const { document, paths } = both(false).get('preview-address')!;
    expect(document.terraform['backend']).toEqual({ local: { path: '../../../state/address.tfstate' } });
    expect(Object.keys(document.resource!)).toEqual(['cherryservers_ip']);
    expect(paths).toContain('preview-address/floating_address/Default');
    expect(document.output).toHaveProperty('address');
  });

  it('keeps the address from being given away where it is told to', () => {
    const lifecycleOf = (preventDestroy: boolean): unknown =>
      resource(both(preventDestroy).get('preview-address')!.document, 'cherryservers_ip', 'floating_address')[
        'lifecycle'
      ];
    expect(lifecycleOf(true)).toEqual({ prevent_destroy: true });
    expect(lifecycleOf(false)).toBeUndefined();
  });

  it('is attached when the host is created, and attaching one later does not replace the host', () => {
    const host = resource(both(false).get('preview')!.document, 'cherryservers_server', 'host') as {
      extra_ip_addresses_ids: string[];
      lifecycle: { ignore_changes: string[] };
    };
    expect(host.extra_ip_addresses_ids).toEqual([
      expect.stringMatching(/^\$\{data\.terraform_remote_state\..*preview-address\.outputs\./),
    ]);
    expect(host.lifecycle.ignore_changes).toContain('extra_ip_addresses_ids');
  });

  it("is read by the host's stack out of its own state", () => {
    const { document } = both(false).get('preview')!;
    expect(Object.values(document.data!['terraform_remote_state']!)).toEqual([
      { backend: 'local', config: { path: '../../../state/address.tfstate' } },
    ]);
    expect(document.output).toHaveProperty('floating_address');
  });
});
