'use strict';

const https = require('node:https');
const { createRequire } = require('node:module');
const { setTimeout: sleep } = require('node:timers/promises');

/** Milliseconds before a stream that has ended is opened again: a browser's EventSource waits longer. */
const pause = 500;

/** Milliseconds without an event, or without an echo, after which a stream counts as broken: the application's beat is 1 s. */
const silence = 5_000;

/**
 * Keeps streams open: events (SSE) and WebSockets, so many of each. One that ends is opened again, as clients do. What
 * became of each is told: until when it was open, and whether its end was said (`ended`) or the connection broke.
 */
class OpenStreams {
  constructor({ site, eventStreams = 0, webSockets = 0 }) {
    this.site = site;
    this.wanted = [
      ...Array.from({ length: eventStreams }, () => this.openEvents.bind(this)),
      ...Array.from({ length: webSockets }, () => this.openWebSocket.bind(this)),
    ];
    this.stopping = false;
    this.open = new Set();
    /** @type {{ kind: string, build?: string, from: string, until: string, how: string }[]} */
    this.ends = [];
  }

  start() {
    this.all = this.wanted.map(async (openOne) => {
      while (!this.stopping) {
        const from = new Date();
        const end = await openOne();
        if (this.stopping) return;
        this.ends.push({ ...end, from: from.toISOString(), until: new Date().toISOString() });
        await sleep(pause);
      }
    });
  }

  async stop() {
    this.stopping = true;
    for (const close of this.open) close();
    await Promise.all(this.all ?? []);
    return this.ends;
  }

  openEvents() {
    return new Promise((resolve) => {
      let build;
      let ended = false;
      const request = https.get(new URL('/events', this.site), { agent: false }, (answer) => {
        answer.setEncoding('utf8');
        if (answer.statusCode !== 200) {
          request.destroy();
          done(`refused with ${answer.statusCode}`);
        }
        answer.on('data', (text) => {
          const [, data] = /^event: build\ndata: (.*)$/m.exec(text) ?? [];
          if (data !== undefined) build = JSON.parse(data).buildSha;
        });
        answer.on('end', () => (ended = true));
        answer.on('error', () => undefined);
        answer.on('close', () => done(ended ? 'ended' : 'broken'));
      });
      request.setTimeout(silence, () => request.destroy(new Error('silent')));
      request.on('error', (error) => done(`broken: ${error.code ?? error.message}`));
      const close = () => request.destroy();
      this.open.add(close);
      const done = (how) => {
        this.open.delete(close);
        resolve({ kind: 'events', build, how });
      };
    });
  }

  openWebSocket() {
    // The demo application's, whose image this runs in.
    const WebSocket = createRequire('/app/')('ws');
    return new Promise((resolve) => {
      let build;
      let problem;
      let refused;
      const url = new URL('/echo', this.site);
      url.protocol = 'wss:';
      const socket = new WebSocket(url);
      let heard = Date.now();
      const beats = setInterval(() => {
        if (Date.now() - heard > silence) {
          problem = 'silent';
          socket.terminate();
        } else if (socket.readyState === WebSocket.OPEN) socket.send('still there?');
      }, 1000);
      socket.on('message', (data) => {
        heard = Date.now();
        if (build === undefined) build = JSON.parse(data.toString()).buildSha;
      });
      socket.on('unexpected-response', (_, { statusCode }) => {
        refused = statusCode;
        socket.terminate();
      });
      socket.on('error', (error) => (problem ??= error.code ?? error.message));
      const close = () => socket.terminate();
      this.open.add(close);
      socket.on('close', (code) => {
        clearInterval(beats);
        this.open.delete(close);
        const ended = code === 1001 || code === 1000 ? 'ended' : `broken: ${problem ?? code}`;
        resolve({ kind: 'webSocket', build, how: refused === undefined ? ended : `refused with ${refused}` });
      });
    });
  }
}

module.exports = { OpenStreams };
