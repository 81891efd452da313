import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  controllersToEnable,
  prepareControlGroups,
  type ControlGroupFacts,
} from '../../../sandbox/control-groups';

const container: ControlGroupFacts = {
  controllers: 'cpu io memory\n',
  enabled: '',
  writable: true,
  runsSystemd: false,
  own: '0::/\n',
  namespaced: true,
};

describe('control groups for an engine of our own', () => {
  it('are handed down in a container without systemd', () => {
    expect(controllersToEnable(container)).toEqual(['cpu', 'io', 'memory']);
  });

  it('are handed down only as far as they are not yet', () => {
    expect(controllersToEnable({ ...container, enabled: 'cpu io\n' })).toEqual(['memory']);
  });

  it.each<[string, Partial<ControlGroupFacts>]>([
    ['version 1 is mounted', { controllers: undefined }],
    ['they are read-only', { writable: false }],
    ['systemd manages them', { runsSystemd: true }],
    ['this process is in a group below the root', { own: '0::/init\n' }],
    ["the root is the kernel's own", { namespaced: false }],
    ['all is handed down already', { enabled: 'cpu io memory' }],
  ])('are left alone where %s', (_case, changed) => {
    expect(controllersToEnable({ ...container, ...changed })).toEqual([]);
  });

  describe('on disk', () => {
    let root: string;
    beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'cogni-cgroup-'))));
    afterEach(() => rmSync(root, { recursive: true, force: true }));

    it('lose their processes to a child group before the controllers are enabled', () => {
      writeFileSync(join(root, 'cgroup.procs'), '1\n');
      const notes: string[] = [];
      prepareControlGroups((text) => notes.push(text), root, container);
      expect(readFileSync(join(root, 'init', 'cgroup.procs'), 'utf8')).toBe('1');
      expect(readFileSync(join(root, 'cgroup.subtree_control'), 'utf8')).toBe('+cpu +io +memory');
      expect(notes).toEqual([]);
    });

    it('that may not be changed are a note and no failure', () => {
      writeFileSync(join(root, 'cgroup.procs'), '1\n');
      mkdirSync(join(root, 'cgroup.subtree_control'));
      const notes: string[] = [];
      prepareControlGroups((text) => notes.push(text), root, container);
      expect(notes).toEqual([expect.stringContaining('control groups could not be handed down')]);
    });

    it('that are not there are not made', () => {
      prepareControlGroups(() => undefined, root);
      expect(existsSync(join(root, 'init'))).toBe(false);
    });
  });
});
