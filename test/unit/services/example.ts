import { committedImageLock, type ImageLock, type Release } from '../../../services';

export const digest = (digit: string): `sha256:${string}` => `sha256:${digit.repeat(64)}`;

/** The committed lock with digests that nobody takes for real ones. */
export const resolvedLock = (): ImageLock => {
  const lock = committedImageLock();
  const resolvedAt = '2026-01-02T03:04:05.000Z';
  return {
    alloy: { ...lock.alloy, digest: digest('d'), resolvedAt },
    caddy: { ...lock.caddy, digest: digest('a'), resolvedAt },
    litellm: { ...lock.litellm, digest: digest('c'), resolvedAt },
    postgres: { ...lock.postgres, digest: digest('b'), resolvedAt },
    node: { ...lock.node, digest: digest('e'), resolvedAt },
    'node-build': { ...lock['node-build'], digest: digest('f'), resolvedAt },
  };
};

export const release: Release = {
  app: `ghcr.test/cogni/app@${digest('1')}`,
  migrator: `ghcr.test/cogni/app@${digest('2')}`,
};

/** A sound value for everything that a deploy reads. */
export const deploySettings: Readonly<Record<string, string>> = {
  DOMAIN: 'preview.cogni.test',
  GHCR_USERNAME: 'Cogni-1729',
  GHCR_DEPLOY_TOKEN: 'ghp_0123456789',
  POSTGRES_ROOT_USER: 'cogni_root',
  POSTGRES_ROOT_PASSWORD: 'root-password-0123456789',
  OWNER_DB_USER: 'cogni_owner',
  OWNER_DB_PASSWORD: 'owner-password-0123456789',
  APP_DB_USER: 'cogni_app',
  APP_DB_PASSWORD: 'app-password-0123456789',
  APP_DB_NAME: 'cogni',
  LITELLM_DB_USER: 'cogni_litellm',
  LITELLM_DB_PASSWORD: 'litellm-password-0123456789',
  LITELLM_DB_NAME: 'litellm',
  READONLY_DB_USER: 'cogni_readonly',
  READONLY_DB_PASSWORD: 'readonly-password-0123456789',
  AUTH_SECRET: 'auth-secret-0123456789-0123456789',
};
