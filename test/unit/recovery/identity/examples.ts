import type { Evidence } from '../../../../deploy/identity/evidence';
import type { HostCheck } from '../../../../deploy/host/check';
import type { Server } from '../../../../infra/cherry/client';

const uuid = (digit: number): string =>
  [8, 4, 4, 4, 12].map((length) => String(digit).repeat(length)).join('-');

export const disk = 'd'.repeat(64);
export const data = uuid(2);
export const otherData = uuid(3);

/** A disk that was marked, with its data. */
export const evidence = (change: Partial<Evidence> = {}): Evidence => ({
  boot: uuid(1),
  disk,
  marker: {
    v: 1,
    deployment: uuid(4),
    environment: 'preview',
    disk,
    data,
    written: '2026-11-21T08:15:00Z',
  },
  release: '20261121T081500Z-preview-0123abc',
  data: { state: 'marked', id: data },
  ...change,
});

/** The pinned machine, looked at from inside. */
export const check = (change: Partial<HostCheck> = {}): HostCheck => ({
  environment: 'preview',
  address: '192.0.2.7',
  seen: 'ssh-ed25519 SHA256:ours',
  pinned: ['ssh-ed25519 SHA256:ours'],
  identity: 'pinned',
  bootstrap: 'done',
  login: undefined,
  evidence: evidence(),
  ...change,
});

export const otherKey = (address = '192.0.2.7'): HostCheck =>
  check({
    address,
    seen: 'ssh-ed25519 SHA256:other',
    identity: 'other key',
    bootstrap: 'unknown',
    evidence: undefined,
  });

export const server = (change: Partial<Server> = {}): Server => ({
  id: 811287,
  name: null,
  hostname: 'preview-cogni',
  state: 'active',
  tags: { environment: 'preview' },
  ip_addresses: [{ address: '192.0.2.7', type: 'primary-ip' }],
  ssh_keys: [{}],
  ...change,
});

export const serverAt = (id: number, address: string): Server =>
  server({ id, ip_addresses: [{ address, type: 'primary-ip' }] });
