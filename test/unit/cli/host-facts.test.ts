import { hostFactsOf } from '../../../cli/host-facts';
import type { KnownBackups } from '../../../cli/known-backups';
import { reviewPlan, readPlan } from '../../../review';
import { loadEnvironment } from '../../../stacks/load';
import { record, surroundings } from '../stacks/example';

describe('what is known of a host when its plan is reviewed', () => {
  const now = Date.parse('2026-11-21T12:00:00Z');
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

  it('is every volume of its projects, and nothing of backups where nobody asked for them', () => {
    expect(hostFactsOf(environment, undefined, files)).toEqual({
      'preview-cogni': {
        volumes: ['alloy', 'caddy_data', 'pgdata'],
        runAfter: ['./cogni host pin preview --replace', './cogni host check preview'],
      },
    });
  });

  const first = (backups: KnownBackups | undefined): readonly string[] => {
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
      hosts: hostFactsOf(environment, backups, files),
      now,
    }).changes;
    expect(change?.consequence.lost).toEqual(expect.arrayContaining(['volume pgdata']));
    return change?.consequence.first ?? [];
  };

  it('stands in the report of a plan that empties its disk', () => {
    expect(first(undefined)).toEqual(
      expect.arrayContaining([
        'whether there is a backup is not known here: make one, and prove that it can be restored',
        'afterwards: ./cogni host pin preview --replace',
      ]),
    );
  });

  it('is the age of the newest verified backup, that there is none, or that it is not known', () => {
    const none = { kind: 'none', why: 'stale' } as const;
    expect(first({ standing: none, newest: new Date(now - 3 * 60 * 60_000) })).toContain(
      'the newest verified backup is 3 h old: what came later would be lost with it',
    );
    expect(first({ standing: none, newest: null })).toContain(
      'there is no verified backup: make one, and prove that it can be restored',
    );
    expect(first({ standing: { kind: 'unknown', why: 'no way' }, newest: undefined })).toContain(
      'whether there is a backup is not known here: make one, and prove that it can be restored',
    );
  });
});
