import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Archive } from '../../../services/archive/archive';
import { synthesize } from '../../../stacks/app';
import type { Environment, EnvironmentRecord, ResolvedCherryHost } from '../../../stacks/environment';
import { settingsFile, surroundingsHere } from '../../../stacks/here';
import { examineEnvironments, isSound, loadEnvironment } from '../../../stacks/load';
import { dataArchiveOf, rehearsalName, rehearsalOf, rehearsedName } from '../../../stacks/rehearsal';
import { runtimePropsOf, settingsNeededFor } from '../../../stacks/runtime';
import type { ImageLock } from '../../../services';
import type { Document } from '../infra/synthesized';
import { otherRecord, record, surroundings } from './example';

const archive: Archive = {
  image: `registry.example.org/postgres@sha256:${'c'.repeat(64)}`,
  endpoint: 's3.example.org',
  bucket: 'cogni-production',
  region: 'example',
  keep: { daily: 7 },
};
const living = otherRecord({
  archive,
  hooks: { 'after-deploy': [{ argv: ['notify'] }] },
  delivery: { branch: 'main', kind: 'serve' },
});
const load = (name: string, records: readonly EnvironmentRecord[] = [living]): Environment =>
  loadEnvironment(name, records, surroundings({ rehearsed: ['production'] }));
const hostOf = ({ host }: Environment): ResolvedCherryHost => {
  if (host.kind === 'existing') throw new Error('it is rented');
  return host;
};
const rehearsal = (): Environment => load('production-rehearsal');

describe('a rehearsal of an environment', () => {
  it('is an environment of its own while it stands, and unknown otherwise', () => {
    expect(rehearsal()).toMatchObject({ name: 'production-rehearsal', domain: 'cogni.dev' });
    expect(() => loadEnvironment('production-rehearsal', [living], surroundings())).toThrow(
      'there is no environment "production-rehearsal"',
    );
  });

  it('has another host name and label than the living host, so that neither is taken for a twin of the other', () => {
    expect(hostOf(rehearsal()).name).toBe('production-cogni-rehearsal');
    const long = { ...load('production'), host: { ...hostOf(load('production')), name: 'h'.repeat(63) } };
    expect(rehearsalOf(long).host.name).toBe(`${'h'.repeat(53)}-rehearsal`);
  });

  it('takes no floating address, is not guarded against its removal, and is told to nobody', () => {
    expect(rehearsal()).toMatchObject({
      host: { floatingAddress: false },
      policies: { protected: false, manual: false },
      runtime: { alloy: false },
    });
    for (const field of ['hooks', 'delivery', 'plans', 'archive'])
      expect(rehearsal()).not.toHaveProperty(field);
  });

  it('archives nothing, and has its data from where those of the living one are', () => {
    expect(dataArchiveOf(rehearsal())).toEqual(archive);
    expect(dataArchiveOf(load('production'))).toEqual(archive);
    const lock = new Proxy({}, { get: () => ({ reference: archive.image }) }) as unknown as ImageLock;
    const props = runtimePropsOf({ ...rehearsal(), runtime: { litellm: 'off', alloy: false } }, lock);
    expect(props.archive).toBeUndefined();
    expect(props.images.postgres).toBe(archive.image);
    expect(settingsNeededFor(rehearsal())).not.toContain('ARCHIVE_KEY');
  });

  it('has the settings of the living one', () => {
    expect(settingsFile('production-rehearsal')).toBe(settingsFile('production'));
    expect(settingsFile('production')).toMatch(/production\/settings\.env$/);
  });

  it('is refused with the faults of the record that it is made from', () => {
    const unsound = { ...living, strategy: 'other' } as unknown as EnvironmentRecord;
    expect(() => load('production-rehearsal', [unsound])).toThrow('"other" is not known');
  });

  it('has a name that no record may have', () => {
    expect(rehearsedName(rehearsalName('production'))).toBe('production');
    expect(rehearsedName('production')).toBeUndefined();
    const [examined] = examineEnvironments([record({ name: 'old-rehearsal' })], surroundings());
    expect(examined && !isSound(examined) && examined.faults.map(({ problem }) => problem)).toEqual([
      '"old-rehearsal" ends in -rehearsal, which is kept for rehearsals of a rebuild',
    ]);
  });

  it('stands where its folder has the marker', () => {
    const folder = mkdtempSync(join(tmpdir(), 'cogni-rehearsal-'));
    try {
      writeFileSync(join(folder, 'sandbox.json'), JSON.stringify({ version: 1, environments: {} }));
      const seen = (): unknown => surroundingsHere({ COGNI_SANDBOX: folder }).rehearsed;
      expect(seen()).toEqual([]);
      mkdirSync(join(folder, 'preview-rehearsal'));
      expect(seen()).toEqual([]);
      writeFileSync(join(folder, 'preview-rehearsal', 'rehearsal.json'), '{}\n');
      expect(seen()).toEqual(['preview']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('the stack of a rehearsal', () => {
  let temporary: string;
  beforeEach(() => (temporary = mkdtempSync(join(tmpdir(), 'cogni-rehearsal-'))));
  afterEach(() => rmSync(temporary, { recursive: true }));

  /** @returns text of a stack, by its id */
  function synth(rehearsed: readonly string[], records = [living]): Readonly<Record<string, string>> {
    const outputFolder = join(temporary, 'cdktf.out');
    mkdirSync(outputFolder, { recursive: true });
    const here = surroundings({ rehearsed });
    const stacks = synthesize({
      outputFolder,
      examined: examineEnvironments(records, here),
      surroundings: here,
      userData: () => '#cloud-config\nwrite_files:\n',
      environmentFolder: (environment) => join(temporary, '.cogni', environment),
      warnings: [],
    });
    return Object.fromEntries(
      stacks.map(({ id, folder }) => [id, readFileSync(join(folder, 'cdk.tf.json'), 'utf8')]),
    );
  }

  it('is there beside the others, which stay as they are byte by byte', () => {
    const before = synth([]);
    const { 'production-rehearsal': own, ...others } = synth(['production']);
    expect(others).toEqual(before);
    expect(own).toContain('cherry-base-production-rehearsal.tfstate');
  });

  it('orders a server under its own name and label, with no guard, and registers no key that Cherry has already', () => {
    const { resource } = JSON.parse(synth(['production'])['production-rehearsal'] ?? '') as Document;
    const server = (resource as Record<string, Record<string, Record<string, unknown>>>)[
      'cherryservers_server'
    ]?.['host'];
    expect(server).toMatchObject({
      hostname: 'production-cogni-rehearsal',
      tags: { environment: 'production-rehearsal' },
    });
    expect(server?.['lifecycle']).not.toHaveProperty('prevent_destroy');
    expect(server).not.toHaveProperty('ssh_key_ids');
    expect(server).not.toHaveProperty('extra_ip_addresses_ids');
    expect(Object.keys(resource ?? {})).not.toContain('cherryservers_ssh_key');
  });

  it('is one alone, also where the living host has a floating address, and refuses everything while the record is unsound', () => {
    expect(Object.keys(synth(['production']))).toEqual([
      'production-address',
      'production',
      'production-rehearsal',
    ]);
    const unsound = { ...living, strategy: 'other' } as unknown as EnvironmentRecord;
    expect(synth(['production'], [unsound])['production-rehearsal']).toContain('is not known');
  });
});
