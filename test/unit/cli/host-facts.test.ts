import { backupGuard, hostFactsOf } from '../../../cli/host-facts';
import { reviewPlan, readPlan } from '../../../review';
import { loadEnvironment } from '../../../stacks/load';
import { record, surroundings } from '../stacks/example';

describe('what is known of a host when its plan is reviewed', () => {
  const environment = loadEnvironment('preview', [record()], surroundings());
  const files = [
    {
      path: 'host/opt/cogni/runtime/compose.yaml',
      content: 'volumes:\n  pgdata: {}\n  alloy: {}\n',
      mode: 0o644,
    },
    { path: 'host/opt/cogni/edge/compose.yaml', content: 'volumes:\n  caddy_data: {}\n', mode: 0o644 },
    { path: 'host/opt/cogni/sourcecred/compose.yaml', content: 'services: {}\n', mode: 0o644 },
    { path: 'user-data.yaml', content: 'volumes:\n  none: {}\n', mode: 0o644 },
  ];

  it('is every volume of its projects, and nothing of backups', () => {
    expect(hostFactsOf(environment, files)).toEqual({
      'preview-cogni': {
        volumes: ['alloy', 'caddy_data', 'pgdata'],
        runAfter: ['./cogni host pin preview --replace', './cogni host check preview'],
      },
    });
  });

  it('stands in the report of a plan that empties its disk', () => {
    const server = { hostname: 'preview-cogni', allow_reinstall: true };
    const plan = readPlan(
      JSON.stringify({
        format_version: '1.2',
        configuration: {},
        resource_changes: [
          {
            address: 'cherryservers_server.host',
            mode: 'managed',
            type: 'cherryservers_server',
            name: 'host',
            provider_name: 'registry.terraform.io/cherryservers/cherryservers',
            change: { actions: ['delete'], before: server, after: null },
          },
        ],
      }),
    );
    const [change] = reviewPlan({
      plan,
      providerVersions: { 'cherryservers/cherryservers': '1.5.3' },
      hosts: hostFactsOf(environment, files),
      now: 0,
    }).changes;
    expect(change?.consequence.lost).toEqual(expect.arrayContaining(['volume pgdata']));
    expect(change?.consequence.first).toEqual(
      expect.arrayContaining([
        'whether there is a backup is not known here: make one, and prove that it can be restored',
        'afterwards: ./cogni host pin preview --replace',
      ]),
    );
  });
});

describe('the guard of backups', () => {
  it('counts on none, as long as it asks for none', async () => {
    expect(await backupGuard('preview-cogni')).toEqual({
      kind: 'none',
      why: 'whether there is a fresh one, read back and verified, is not known here',
    });
  });
});
