import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { manifestFormat, type PlanManifest } from '../../../../infra/plan/manifest';

export const hash = '1a2b3c4d'.padEnd(64, '0');

/** A manifest of a harmless plan, with changes. */
export const manifest = (change: Partial<PlanManifest> = {}): PlanManifest => ({
  format: manifestFormat,
  environment: 'preview',
  stack: 'preview',
  commit: 'c'.repeat(40),
  clean: true,
  tool: { name: 'terraform', version: '1.11.4' },
  state: { serial: 3, lineage: 'f54b9068-da42-bab5-94bf-a3607f408680' },
  configuration: 'a'.repeat(64),
  providerLock: 'b'.repeat(64),
  plan: { sha256: hash, bytes: 2434 },
  sealed: { sha256: 'd'.repeat(64) },
  verdict: 'CREATE',
  severity: 'safe',
  counts: { CREATE: 1 },
  losses: [],
  madeAt: '2026-11-21T10:00:00.000Z',
  expiresAt: '2026-11-22T10:00:00.000Z',
  madeBy: 'somebody',
  ...change,
});

export const signer = (): KeyObject => generateKeyPairSync('ed25519').privateKey;
