'use strict';

const { WebSocketServer } = require('ws');

/** Milliseconds between two events. */
const beat = 1000;

/** Bytes of a message. */
const messageLimit = 64 * 1024;

/**
 * What stays open until one side leaves: events at `/events` (Server-Sent Events), and at `/echo` a WebSocket that says
 * what it is told. Told to stop, the application ends them itself: no server ever stops by waiting for them.
 */
class Streams {
  /** @param {{ version: string, buildSha: string }} build which each of them begins with */
  constructor(build) {
    this.build = build;
    this.events = new Set();
    this.ended = false;
    this.sockets = new WebSocketServer({ noServer: true, maxPayload: messageLimit });
  }

  /** @returns whether the request was one for events, which is answered then for as long as it is open */
  take(request, response) {
    if (request.method !== 'GET' || request.url.split('?', 1)[0] !== '/events') return false;
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(`event: build\ndata: ${JSON.stringify(this.build)}\n\n`);
    if (this.ended) {
      response.end();
      return true;
    }
    const beats = setInterval(() => response.write(`data: ${new Date().toISOString()}\n\n`), beat);
    this.events.add(response);
    response.on('close', () => {
      clearInterval(beats);
      this.events.delete(response);
    });
    return true;
  }

  /** A server's `upgrade`. */
  upgrade(request, socket, head) {
    if (request.url.split('?', 1)[0] !== '/echo') {
      socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    this.sockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', () => webSocket.terminate());
      webSocket.on('message', (data, isBinary) => webSocket.send(data, { binary: isBinary }));
      webSocket.send(JSON.stringify(this.build));
    });
  }

  /** Ends all of them: 1001 tells the other side of a WebSocket that this one goes away (RFC 6455, section 7.4.1). */
  end() {
    this.ended = true;
    for (const response of this.events) response.end();
    for (const webSocket of this.sockets.clients) webSocket.close(1001);
  }
}

module.exports = { Streams };
