import type { HostNeeds } from '../../../bootstrap';

/** Public halves of key pairs that were thrown away. */
export const publicKeys = {
  ed25519: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINcwTSlZ++VNZvKKV62fRdaqc9tp5c45moCWHEodTtFk preview deploys',
  rsa: 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQCfM/FHnegn127S+dNNr06kAA4mfU7bNeZFt70brptXKok8BSsvQiHLd908uORnygglFgdkfcIa7gU0arYTSpkvVKoZ6bFQVWmgbrvsonDSUdw9q9IxFJyOl/z2iwx1Q/9/4hDgywDu4ir4Ql4yjfsubgkqfDh7usRsxgjGwYVhQltSHkrKPylodLh4Mi2TC+D7qZi1/pxIQMGuvAMrQ7xsKsko9S8MnQFCnHgqNqtc0EfxYS6W21OuA1kwLc5noMynBofRNbdZhcv9keve154DtBnSDDdq9N9UEBDp6/YKieiti1ST7JErszp98T4kHuvnF7GDqjMvszN0FaU1EOWW+SaHtD4VPW6b/Zkd7e4EyM25faotPfjacDwTNeySNE7mgQCoFWw3TbXvAKyOFy0+XpS05EPiU3PTajtRnJYlkhjGpm0goEMgQR+PpAhKTYs8LhrGBIEuaLH5nDZynSF75iRvnyHPCqd4bgnbXuG+GL8TNf9bVCk02Q5LKvfDRf0= second operator',
} as const;

/** The needs that the golden document is made of: an edge of its own, so that it changes only with the bootstrap. */
export const fixedNeeds: HostNeeds = {
  hostName: 'preview-cogni',
  deployKeys: [publicKeys.ed25519],
  swapBytes: 2 * 1024 ** 3,
  edge: {
    domain: 'preview.example.org',
    files: [
      {
        path: 'compose.yaml',
        mode: 0o644,
        content: [
          'name: cogni-edge',
          'services:',
          '  caddy:',
          `    image: registry.example.org/caddy@sha256:${'1'.repeat(64)}`,
          '    volumes:',
          '      - ./caddy:/etc/caddy:ro',
          '',
        ].join('\n'),
      },
      { path: 'caddy/Caddyfile', mode: 0o644, content: 'http://preview.example.org {\n\trespond 503\n}\n' },
      { path: 'caddy/upstream/active', mode: 0o644, content: 'none\n', seed: true },
    ],
  },
};
