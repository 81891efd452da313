import type { Server } from 'node:net';
import { Failure } from '../../foundation/failure';

/**
 * Listens on the loopback address and nowhere else.
 *
 * @param port 0 = any free one.
 * @throws Failure when the port is taken.
 */
export const listen = (server: Server, port: number, what: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const failed = (cause: NodeJS.ErrnoException): void =>
      reject(
        new Failure({
          what: `the emulator's ${what} cannot listen on 127.0.0.1:${port}: ${cause.message}`,
          next: 'end the program that listens there, or configure port 0 for any free one, then start the emulator again',
          cause,
        }),
      );
    server.once('error', failed);
    server.listen({ host: '127.0.0.1', port }, () => {
      server.off('error', failed);
      resolve();
    });
  });
