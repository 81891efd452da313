'use strict';

const http2 = require('node:http2');
const https = require('node:https');
const net = require('node:net');
const tls = require('node:tls');
const { DelayedSocket } = require('./delayed-socket');

/** Milliseconds until a request counts as lost without an answer. */
const patience = 20_000;

/** Sends requests to a site over connections that are kept. */
class Connections {
  /**
   * @param {object} options
   * @param {URL} options.site
   * @param {number} options.connections kept open while idle
   * @param {boolean} options.http2
   * @param {number} options.delay milliseconds, each way; 0 is none
   */
  constructor(options) {
    this.options = options;
    this.agent = this.agentOf(options.connections);
    this.sessions = [];
    this.turn = 0;
  }

  /** @returns {Promise<{ status: number, body: string }>} rejected when the connection breaks, or nothing comes in time */
  send(request) {
    return this.options.http2 ? this.overHttp2(request) : this.overHttp1(request, this.agent);
  }

  /** One connection, for a sender that leaves it idle between its requests. */
  alone() {
    const agent = this.agentOf(1);
    return (request) => this.overHttp1(request, agent);
  }

  /**
   * Bounded, as a site's users are: a site that stalls would otherwise get a new connection for every request, a
   * thousand handshakes more to stall on, and never come back.
   */
  agentOf(connections) {
    const agent = new https.Agent({
      keepAlive: true,
      maxSockets: connections === 1 ? 1 : 5 * connections,
      maxFreeSockets: connections,
    });
    if (this.options.delay > 0) agent.createConnection = (options) => this.connect(options);
    return agent;
  }

  connect(options = {}) {
    const { site, delay } = this.options;
    const port = Number(site.port || 443);
    const given = { ...options, servername: site.hostname };
    if (delay === 0) return tls.connect({ ...given, host: site.hostname, port });
    return tls.connect({ ...given, socket: new DelayedSocket(net.connect(port, site.hostname), delay) });
  }

  overHttp1({ method, path, headers = {}, body }, agent) {
    return new Promise((resolve, reject) => {
      const request = https.request(
        new URL(path, this.options.site),
        {
          method,
          agent,
          timeout: patience,
          headers: body === undefined ? headers : { ...headers, 'content-length': Buffer.byteLength(body) },
        },
        (answer) => {
          const chunks = [];
          answer.on('data', (chunk) => chunks.push(chunk));
          answer.on('error', reject);
          answer.on('end', () =>
            resolve({ status: answer.statusCode, body: Buffer.concat(chunks).toString() }),
          );
        },
      );
      request.on('timeout', () => request.destroy(new Error('no answer in time')));
      request.on('error', reject);
      request.end(body);
    });
  }

  session() {
    const { site, connections } = this.options;
    this.sessions = this.sessions.filter((one) => !one.closed && !one.destroyed);
    while (this.sessions.length < Math.min(8, connections)) {
      const one = http2.connect(site, { createConnection: () => this.connect({ ALPNProtocols: ['h2'] }) });
      one.on('error', () => undefined);
      this.sessions.push(one);
    }
    this.turn += 1;
    return this.sessions[this.turn % this.sessions.length];
  }

  overHttp2({ method, path, headers = {}, body }) {
    return new Promise((resolve, reject) => {
      const stream = this.session().request({ ':method': method, ':path': path, ...headers });
      const chunks = [];
      let status;
      stream.setTimeout(patience, () => stream.destroy(new Error('no answer in time')));
      stream.on('response', (answer) => (status = answer[':status']));
      stream.on('data', (chunk) => chunks.push(chunk));
      stream.on('error', reject);
      stream.on('end', () => resolve({ status, body: Buffer.concat(chunks).toString() }));
      stream.end(body);
    });
  }
}

module.exports = { Connections };
