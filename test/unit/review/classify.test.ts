import { headline } from '../../../review/report/words';
import { reviewExitCodes, severityOf, verdicts, worstOf, type Verdict } from '../../../review';
import { change, encoded, reviewed, server, updated } from './plans';

const other = encoded('#cloud-config\nusers: [default]\n');
const verdictOf = (...changes: Parameters<typeof reviewed>[0]): Verdict => reviewed(changes).verdict;
const why = (...changes: Parameters<typeof reviewed>[0]): string =>
  reviewed(changes)
    .changes[0]!.findings.map((finding) => finding.why)
    .join('\n');

describe('the verdict on a change of a server', () => {
  it('is WIPE when what wipes changes and the switch is on', () => {
    expect(verdictOf(updated({ user_data: other, allow_reinstall: true }))).toBe('WIPE');
    expect(why(updated({ user_data: other, allow_reinstall: true }))).toContain('user_data changes');
  });

  it('is WIPE when it is not known whether the switch will be on', () => {
    const unknown = { after_unknown: { allow_reinstall: true } };
    expect(verdictOf(updated({ image: 'debian_12_64bit', allow_reinstall: undefined }, unknown))).toBe(
      'WIPE',
    );
  });

  it('is WIPE when what wipes is only known after apply', () => {
    const on = { allow_reinstall: true };
    expect(verdictOf(updated({ ssh_key_ids: undefined }, { after_unknown: { ssh_key_ids: true } }, on))).toBe(
      'WIPE',
    );
    expect(verdictOf(updated({ ssh_key_ids: [] }, { after_unknown: { ssh_key_ids: [true] } }, on))).toBe(
      'WIPE',
    );
  });

  it('is DOOMED when what wipes changes and the switch is off', () => {
    expect(verdictOf(updated({ user_data: other }))).toBe('DOOMED');
    expect(
      verdictOf(updated({ user_data: other, allow_reinstall: false }, {}, { allow_reinstall: true })),
    ).toBe('DOOMED');
  });

  it('is REPLACE, whatever else changes, when it is deleted and made anew', () => {
    const both = (actions: readonly string[]) =>
      change(actions, server, { ...server, plan: 'B1-4-4gb-80s-shared' });
    expect(verdictOf(both(['delete', 'create']))).toBe('REPLACE');
    expect(verdictOf(both(['create', 'delete']))).toBe('REPLACE');
  });

  it('is DESTROY when it is deleted, also what an unfinished replacement left', () => {
    expect(verdictOf(change(['delete'], server, null))).toBe('DESTROY');
    expect(verdictOf(change(['delete'], server, null, { deposed: 'abcd1234' }))).toBe('DESTROY');
  });

  it('is ARMED when the switch goes on and nothing else wipes', () => {
    expect(verdictOf(updated({ allow_reinstall: true }))).toBe('ARMED');
    expect(verdictOf(updated({ allow_reinstall: true }, {}, { allow_reinstall: null }))).toBe('ARMED');
    expect(verdictOf(updated({ allow_reinstall: false }, {}, { allow_reinstall: true }))).toBe('UPDATE');
  });

  it('is IMPORT-WIPE when it is imported without the user data that the configuration has', () => {
    const imported = change(
      ['no-op'],
      { ...server, user_data: null },
      { ...server, user_data: null },
      {},
      { importing: { id: '811000' } },
    );
    expect(verdictOf(imported)).toBe('IMPORT-WIPE');
  });

  it('is what the import does at once, where it does', () => {
    const importing = { importing: { id: '811000' } };
    const empty = { user_data: null };
    expect(verdictOf(updated({ user_data: other, allow_reinstall: true }, importing, empty))).toBe('WIPE');
    expect(verdictOf(updated({ user_data: other }, importing, empty))).toBe('DOOMED');
  });

  it('is REVIEW when Terraform is to forget it', () => {
    expect(verdictOf(change(['forget'], server, null))).toBe('REVIEW');
    expect(verdictOf(change(['create', 'forget'], server, server))).toBe('REVIEW');
  });

  it('is REVIEW for an action, an attribute, a type, a provider or a version that is not known', () => {
    expect(verdictOf(change(['conjure'], server, server))).toBe('REVIEW');
    expect(verdictOf(updated({ flux: 2 }))).toBe('REVIEW');
    expect(verdictOf(change(['create'], null, {}, { type: 'cherryservers_storage' }))).toBe('REVIEW');
    expect(
      verdictOf(
        change(
          ['update'],
          {},
          { a: 1 },
          { type: 'aws_instance', provider_name: 'registry.terraform.io/hashicorp/aws' },
        ),
      ),
    ).toBe('REVIEW');
    expect(
      reviewed([updated({ name: 'x' })], { providerVersions: { 'cherryservers/cherryservers': '9.0.0' } })
        .verdict,
    ).toBe('REVIEW');
    expect(reviewed([updated({ name: 'x' })], {}, { configuration: {} }).verdict).toBe('REVIEW');
  });

  it('is REVIEW when the plan contradicts the rules', () => {
    expect(verdictOf(updated({ region: 'NL-Amsterdam' }))).toBe('REVIEW');
    expect(verdictOf(change(['no-op'], server, { ...server, user_data: other }))).toBe('REVIEW');
  });

  it('is still the worst one under a provider version that is not known', () => {
    const versions = { providerVersions: { 'cherryservers/cherryservers': '9.0.0' } };
    expect(reviewed([updated({ user_data: other, allow_reinstall: true })], versions).verdict).toBe('WIPE');
    expect(reviewed([change(['delete'], {}, null, { type: 'aws_instance' })]).verdict).toBe('DESTROY');
  });

  it('counts a boot script as what wipes, from the version on that has it', () => {
    const versions = { providerVersions: { 'cherryservers/cherryservers': '1.6.0' } };
    expect(reviewed([updated({ ipxe: other, allow_reinstall: true })], versions).verdict).toBe('WIPE');
    expect(reviewed([updated({ ipxe: other })], versions).verdict).toBe('DOOMED');
  });

  it('is UPDATE, CREATE or NO-OP where nothing is lost', () => {
    expect(verdictOf(updated({ name: 'renamed', tags: { a: 'b' } }))).toBe('UPDATE');
    expect(verdictOf(change(['create'], null, server))).toBe('CREATE');
    expect(verdictOf(change(['no-op'], server, server))).toBe('NO-OP');
    expect(verdictOf()).toBe('NO-OP');
  });

  it('is DOOMED when a new server gets user data that nobody takes', () => {
    expect(verdictOf(change(['create'], null, { ...server, user_data: 'not base64!' }))).toBe('DOOMED');
    expect(verdictOf(change(['create'], null, { ...server, user_data: encoded('hello') }))).toBe('DOOMED');
    expect(verdictOf(change(['create'], null, { ...server, user_data: null }))).toBe('CREATE');
  });

  describe('on a machine whose new user data nobody takes', () => {
    const refused = { ...server, user_data: encoded('hello') };
    const findingsOn = (planned: Readonly<Record<string, unknown>>): readonly string[] =>
      reviewed([planned]).changes.flatMap(({ findings }) => findings.map(({ verdict }) => verdict));

    it('is DOOMED where the new one is ordered first, and REPLACE where the old one is destroyed by then', () => {
      expect(findingsOn(change(['create', 'delete'], server, refused))).toEqual(['DOOMED', 'REPLACE']);
      expect(findingsOn(change(['delete', 'create'], server, refused))).toEqual(['REPLACE', 'DOOMED']);
    });

    it('is WIPE, and says that it fails', () => {
      expect(findingsOn(updated({ user_data: refused.user_data, allow_reinstall: true }))).toEqual(
        expect.arrayContaining(['WIPE', 'DOOMED']),
      );
    });

    it('is UPDATE where that is not sent', () => {
      expect(findingsOn(updated({ name: 'renamed' }, {}, refused))).toEqual(['UPDATE']);
    });
  });
});

describe('the verdict on other resources', () => {
  const gate = {
    type: 'null_resource',
    address: 'null_resource.gate',
    provider_name: 'registry.terraform.io/hashicorp/null',
  };
  const configured = (provisioners: readonly object[]): object => ({
    configuration: { root_module: { resources: [{ address: 'null_resource.gate', provisioners }] } },
  });
  const again = change(['delete', 'create'], { id: '1' }, {}, gate);

  it('is UPDATE for a null resource that is made anew without provisioners', () => {
    expect(reviewed([again], {}, configured([]) as never).verdict).toBe('UPDATE');
  });

  it('is REVIEW when its provisioners run again, or are not known', () => {
    expect(reviewed([again], {}, configured([{ type: 'local-exec' }]) as never).verdict).toBe('REVIEW');
    expect(reviewed([again]).verdict).toBe('REVIEW');
  });

  it('is that of a data source never more than nothing', () => {
    expect(verdictOf(change(['read'], null, {}, { mode: 'data' }))).toBe('NO-OP');
  });

  it('names what is lost with an address', () => {
    const ip = { type: 'cherryservers_ip', address: 'cherryservers_ip.edge' };
    const { changes } = reviewed([change(['delete'], { address: '192.0.2.1' }, null, ip)]);
    expect(changes[0]!.consequence.lost.join()).toContain('the address itself');
  });

  describe('of a project whose BGP is switched, of which the provider gives out the number', () => {
    const project = { type: 'cherryservers_project', address: 'cherryservers_project.it' };
    const switched = (before: object, after: object, unknown: object = {}): unknown =>
      change(['update'], { bgp: before }, { bgp: after }, project, { after_unknown: { bgp: unknown } });
    const off = { enabled: false, local_asn: 0 };
    const on = { enabled: true, local_asn: 0 };

    it.each([
      ['is DOOMED when it goes on, and the plan promises that the number stays 0', 'DOOMED', [off, on]],
      ['is DOOMED when it may go on', 'DOOMED', [off, { local_asn: 0 }, { enabled: true }]],
      ['is REVIEW when it goes off', 'REVIEW', [{ enabled: true, local_asn: 65000 }, off]],
      ['is REVIEW when it had a number already', 'REVIEW', [{ ...off, local_asn: 65000 }, on]],
      [
        'is UPDATE when the plan leaves the number open',
        'UPDATE',
        [off, { enabled: true }, { local_asn: true }],
      ],
      ['is UPDATE when it stays on', 'UPDATE', [on, { ...on, local_asn: 65000 }]],
    ] as const)('%s', (_, verdict, [before, after, unknown]) => {
      expect(verdictOf(switched(before, after, unknown) as never)).toBe(verdict);
    });

    it('says what would fail, and the way round it', () => {
      const { changes } = reviewed([switched(off, on) as never]);
      expect(changes[0]!.findings[0]!.why).toMatch(
        /bgp\.local_asn stays 0.*Switch it on at the provider first/,
      );
      expect(changes[0]!.consequence).toMatchObject({
        stays: [],
        first: [expect.not.stringContaining('reinstall')],
      });
    });
  });

  it('is UPDATE when only outputs change', () => {
    const outputs = {
      output_changes: {
        host: {
          actions: ['update'],
          before: 1,
          after: 2,
          after_unknown: false,
          before_sensitive: false,
          after_sensitive: false,
        },
      },
    };
    expect(reviewed([], {}, outputs).verdict).toBe('UPDATE');
  });
});

it('is CREATE when what is made has outputs that were not there before, and UPDATE when one of them was', () => {
  const output = (action: string): Readonly<Record<string, unknown>> => ({
    output_changes: { address: { actions: [action], before: null, after_unknown: true } },
  });
  const made = [change(['create'], null, { hostname: 'prod-app' })];
  expect(['create', 'update', 'delete'].map((each) => reviewed(made, {}, output(each)).verdict)).toEqual([
    'CREATE',
    'UPDATE',
    'UPDATE',
  ]);
});

it('reads an output that is only known after apply, which has no value in the plan', () => {
  const output = { actions: ['create'], before: null, after_unknown: true };
  const review = reviewed(
    [change(['create'], null, { hostname: 'prod-app' })],
    {},
    {
      output_changes: { address: output },
    },
  );
  expect([review.outputs[0]?.after.kind, headline(review)]).toEqual(['unknown', '1 resource will be made']);
});

describe('what a change takes away', () => {
  const lossOf = (...changes: Parameters<typeof reviewed>[0][number][]): unknown =>
    reviewed(changes).changes.map(({ loss }) => loss);

  it('is named by the host name of a server, with its disk', () => {
    expect(lossOf(change(['delete'], { hostname: 'prod-app' }, null))).toEqual([
      { name: 'prod-app', disk: true },
    ]);
  });

  it('is named by its address when it is no server, or has a name that nobody could write', () => {
    const ip = { type: 'cherryservers_ip', address: 'cherryservers_ip.edge' };
    expect(lossOf(change(['delete'], { address: '192.0.2.1' }, null, ip))).toEqual([
      { name: 'cherryservers_ip.edge', disk: false },
    ]);
    expect(lossOf(change(['delete'], { hostname: 'a b' }, null))).toEqual([
      { name: 'cherryservers_server.app', disk: true },
    ]);
  });

  it('is named by its address when the plan calls the host name sensitive', () => {
    const deleted = (mask: unknown): unknown =>
      lossOf(change(['delete'], { hostname: 'prod-app' }, null, {}, { before_sensitive: mask }));
    const byAddress = [{ name: 'cherryservers_server.app', disk: true }];
    expect([deleted({ hostname: true }), deleted(true)]).toEqual([byAddress, byAddress]);
  });

  it('counts as a disk when the type is not known', () => {
    const other = { type: 'other_thing', address: 'other_thing.it' };
    expect(lossOf(change(['delete'], {}, null, other))).toEqual([{ name: 'other_thing.it', disk: true }]);
  });

  it('is nothing for what is made or changed in place', () => {
    expect(lossOf(change(['create'], null, { hostname: 'prod-app' }))).toEqual([undefined]);
  });
});

it('sees an output by the name of __proto__, too', () => {
  const output = {
    actions: ['update'],
    before: 1,
    after: 2,
    after_unknown: false,
    before_sensitive: false,
    after_sensitive: false,
  };
  expect(
    reviewed([], {}, { output_changes: JSON.parse(`{"__proto__": ${JSON.stringify(output)}}`) }).verdict,
  ).toBe('UPDATE');
});

describe('what a plan says beside its changes', () => {
  it.each([
    ['planning failed', { errored: true }],
    ['it is not complete', { complete: false }],
    ['changes are deferred', { deferred_changes: [{ reason: 'unknown' }] }],
  ])('is never safe when %s', (_, rest) => {
    expect(reviewed([], {}, rest).verdict).toBe('REVIEW');
  });

  it('is never safe when a diagnostic is an error, or speaks of what is lost', () => {
    const update = updated({ name: 'x' });
    const said = (severity: string, summary: string) => ({
      diagnostics: [{ severity, summary, detail: '' }],
    });
    expect(reviewed([update], said('error', 'no')).verdict).toBe('REVIEW');
    expect(reviewed([update], said('warning', 'this will wipe all data')).verdict).toBe('REVIEW');
    expect(reviewed([update], said('warning', 'deprecated attribute')).verdict).toBe('UPDATE');
  });
});

describe('drift', () => {
  const drifted = (before: object, after: object, actions = ['update']) =>
    reviewed(
      [],
      {},
      { resource_drift: [change(actions, { ...server, ...before }, { ...server, ...after })] },
    );

  it('is WIPE where somebody changed what wipes, and makes the whole plan REVIEW', () => {
    const review = drifted({}, { image: 'debian_12_64bit' });
    expect(review.drift[0]!.verdict).toBe('WIPE');
    expect(review.verdict).toBe('REVIEW');
  });

  it('is REVIEW where another machine may be behind the id', () => {
    const ips = (address: string) => ({ ip_addresses: [{ type: 'primary-ip', address }] });
    expect(drifted(ips('192.0.2.1'), ips('192.0.2.2')).drift[0]!.verdict).toBe('REVIEW');
  });

  it('is UPDATE where an address was added beside the others, or a name changed', () => {
    const one = { type: 'primary-ip', address: '192.0.2.1' };
    const review = drifted(
      { ip_addresses: [one] },
      { ip_addresses: [one, { type: 'floating-ip' }], name: 'x' },
    );
    expect(review.drift[0]!.verdict).toBe('UPDATE');
    expect(review.verdict).toBe('NO-OP');
  });

  it('is DESTROY where it is gone', () => {
    expect(drifted({}, {}, ['delete']).drift[0]!.verdict).toBe('DESTROY');
  });
});

describe('what a verdict means', () => {
  const facts = {
    volumes: ['pgdata'],
    databases: ['cogni'],
    newestVerifiedBackup: '2026-01-01T00:00:00Z',
    runFirst: ['cogni backup production'],
  };
  const wiped = updated({ user_data: other, allow_reinstall: true });
  const now = Date.parse('2026-01-01T05:30:00Z');

  it('names what lives on the host, the age of its backup and what to run first', () => {
    const { consequence } = reviewed([wiped], { hosts: { 'prod-app': facts }, now }).changes[0]!;
    expect(consequence.lost).toEqual(expect.arrayContaining(['database cogni', 'volume pgdata']));
    expect(consequence.first).toEqual(
      expect.arrayContaining([expect.stringContaining('is 5 h old'), 'cogni backup production']),
    );
    expect(consequence.stays.join()).toContain('primary address');
  });

  it('says of a host that has no backup that it has none, and of an unknown one that it is not known', () => {
    const first = (hosts: object) =>
      reviewed([wiped], { hosts: hosts as never, now }).changes[0]!.consequence.first[0];
    expect(first({ 'cherryservers_server.app': { newestVerifiedBackup: null } })).toContain(
      'there is no verified backup',
    );
    expect(first({})).toContain('not known here');
    expect(first({ 'prod-app': { newestVerifiedBackup: '2027-01-01T00:00:00Z' } })).toContain(
      'not known here',
    );
  });
});

describe('exit codes', () => {
  it('are none of those by which commands fail, and grow with the severity', () => {
    expect(reviewExitCodes).toEqual({ nothing: 0, safe: 10, 'needs-review': 11, destructive: 12 });
    const codes = verdicts.map((verdict) => reviewExitCodes[severityOf(verdict)]);
    expect(codes).toEqual([...codes].sort((one, another) => another - one));
  });

  it('follow the worst verdict', () => {
    expect(worstOf(['UPDATE', 'DESTROY', 'CREATE'])).toBe('DESTROY');
    expect(reviewed([updated({ name: 'x' })]).exitCode).toBe(10);
    expect(reviewed([]).exitCode).toBe(0);
    expect(reviewed([updated({ allow_reinstall: true })]).exitCode).toBe(11);
    expect(reviewed([change(['delete'], server, null)]).exitCode).toBe(12);
  });
});
