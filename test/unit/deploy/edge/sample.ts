import type { EdgeRequest } from '../../../../deploy/edge/request';

/** An edge as it is rendered: its request, and the text of its two files. */
export const compose = 'services: {}\n';
export const caddyfile = 'respond ok\n';
export const request: EdgeRequest = {
  environment: 'preview',
  domain: 'preview.cogni.test',
  files: [
    { path: 'compose.yaml', mode: 0o644, content: compose },
    { path: 'caddy/Caddyfile', mode: 0o644, content: caddyfile },
  ],
  by: { who: 'ada', from: 'laptop' },
  at: new Date('2026-11-21T08:15:00Z'),
};
