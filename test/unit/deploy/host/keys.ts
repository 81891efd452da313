import { createHmac } from 'node:crypto';
import type { HostKey } from '../../../../deploy/host/host-key';
import { Secret } from '../../../../foundation/secret';

export const token = Secret.of('enrollment token', 'JHa2bD-4uK1y0f3m7Qp9sT5vW8xZ_cE6gR2iL0nOqUk');

/** Public halves of host keys that belong to no host. */
export const ed25519: HostKey = {
  type: 'ssh-ed25519',
  base64: 'AAAAC3NzaC1lZDI1NTE5AAAAIJ3j2T1oQI0gBQI8ACqBopKCBazA3e94W0SpfmKSoo2s',
};
export const ecdsa: HostKey = {
  type: 'ecdsa-sha2-nistp256',
  base64:
    'AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBC/iNq8TAxuR215qqHGL/xRZncV1BLc5ECrZrmaSuwHNrlVInUavYMgi+Cc9YJwZpFcOSsENYMpy3bUFdxlBvGA=',
};
export const stranger: HostKey = {
  type: 'ssh-ed25519',
  base64: 'AAAAC3NzaC1lZDI1NTE5AAAAINcwTSlZ++VNZvKKV62fRdaqc9tp5c45moCWHEodTtFk',
};

/** A line of a proof as a host writes it that was given this token. */
export const proofLine = (key: HostKey, secret = token.reveal()): string =>
  `${key.type} ${key.base64} ${createHmac('sha256', secret).update(`${key.type} ${key.base64}`).digest('hex')}\n`;
