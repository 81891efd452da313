import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** GitHub's API on this machine, as far as one comment on a pull request goes. It answers at once: the way there takes no time. */
export interface CommentTaker {
  /** For GITHUB_API_URL. */
  readonly url: string;
  /** The requests that came, and the comments that were made of them, since {@link forget}. */
  readonly requests: readonly string[];
  readonly comments: readonly string[];
  /** Begins with a pull request without a comment. */
  readonly forget: () => void;
  readonly stop: () => Promise<void>;
}

/** A double of GitHub that has one pull request, and keeps what is posted to it. */
export async function takeComments(): Promise<CommentTaker> {
  const requests: string[] = [];
  const comments: string[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      requests.push(`${request.method ?? ''} ${new URL(request.url ?? '/', 'http://here').pathname}`);
      if (request.method === 'POST') comments.push((JSON.parse(text) as { readonly body: string }).body);
      const made = request.method === 'POST';
      response.writeHead(made ? 201 : 200, { 'content-type': 'application/json; charset=utf-8' });
      response.end(made ? JSON.stringify({ id: comments.length }) : '[]');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    comments,
    forget: () => {
      requests.length = 0;
      comments.length = 0;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
