import { outsideTheSandbox, terraformEnvironment } from '../../../../sandbox/terraform/environment';

const props = {
  cliConfig: '/checkout/.cogni/sandbox/terraform/terraform.rc',
  proxyUrl: 'http://127.0.0.1:8443',
  caFile: '/checkout/.cogni/sandbox/ca.pem',
  token: 'sandbox-token',
  binary: '/usr/bin/terraform',
};

describe('the variables of the sandbox', () => {
  it('are these, in this order', () => {
    expect(Object.entries(terraformEnvironment(props))).toEqual([
      ['TERRAFORM_BINARY_NAME', '/usr/bin/terraform'],
      ['TF_CLI_CONFIG_FILE', '/checkout/.cogni/sandbox/terraform/terraform.rc'],
      ['TF_PLUGIN_CACHE_DIR', ''],
      ['HTTPS_PROXY', 'http://127.0.0.1:8443'],
      ['NO_PROXY', 'localhost,127.0.0.1,::1,.cogni.test'],
      ['SSL_CERT_FILE', '/checkout/.cogni/sandbox/ca.pem'],
      ['CHERRY_AUTH_KEY', 'sandbox-token'],
      ['CHERRY_AUTH_TOKEN', 'sandbox-token'],
      ['CHECKPOINT_DISABLE', '1'],
      ['CDKTF_SKIP_PROVIDER_LOCK', 'true'],
      ['CDKTF_DISABLE_PLUGIN_CACHE_ENV', '1'],
      ['DISABLE_VERSION_CHECK', '1'],
    ]);
  });

  it('never lead around the emulator', () => {
    const excluded = terraformEnvironment(props)['NO_PROXY']!.split(',');
    expect(excluded).not.toContain('*');
    expect(excluded.filter((name) => 'api.cherryservers.com'.endsWith(name))).toEqual([]);
  });
});

describe('outside the sandbox', () => {
  it('none of its variables is left', () => {
    const shell = { ...terraformEnvironment(props), HOME: '/root' };
    const outside = outsideTheSandbox(shell, props.cliConfig);
    expect(Object.keys(outside)).toEqual(Object.keys(terraformEnvironment(props)));
    expect({ ...shell, ...outside }).toEqual({ HOME: '/root' });
  });

  it('a user’s own variables stay', () => {
    const shell = { TF_CLI_CONFIG_FILE: '/root/.terraformrc', HTTPS_PROXY: 'http://proxy.example.com:3128' };
    expect(outsideTheSandbox(shell, props.cliConfig)).toEqual({});
    expect(outsideTheSandbox({}, props.cliConfig)).toEqual({});
  });
});
