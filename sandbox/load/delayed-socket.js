'use strict';

const { Duplex } = require('node:stream');

/**
 * A connection over a longer way: what either side sends, and that it closes, arrives the delay later at the other, in
 * the same order. The kernel's own way (`tc … netem`) is not there on every machine, and needs its privileges.
 *
 * It stands between TLS and TCP: a request can be on its way while the server closes the connection that it comes on,
 * and is then lost, as it is over a real distance. Packets are neither lost nor reordered.
 */
class DelayedSocket extends Duplex {
  /**
   * @param {import('node:net').Socket} socket connected, or on its way to be
   * @param {number} delay milliseconds, each way
   */
  constructor(socket, delay) {
    super({ allowHalfOpen: true });
    this.socket = socket;
    this.delay = delay;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.later(() => this.push(chunk)));
    socket.on('end', () => this.later(() => this.push(null)));
    socket.on('error', (error) => this.later(() => this.destroy(error)));
    socket.on('close', () => this.later(() => this.destroy()));
  }

  /** Timers of one duration fire in the order in which they were set. */
  later(then) {
    setTimeout(() => {
      if (!this.destroyed) then();
    }, this.delay);
  }

  _read() {}

  _write(chunk, _, written) {
    setTimeout(() => this.socket.write(chunk), this.delay);
    written();
  }

  _final(ended) {
    setTimeout(() => this.socket.end(), this.delay);
    ended();
  }

  _destroy(error, destroyed) {
    setTimeout(() => this.socket.destroy(), this.delay);
    destroyed(error);
  }

  setNoDelay() {
    return this;
  }

  setKeepAlive() {
    return this;
  }

  setTimeout() {
    return this;
  }

  ref() {
    return this;
  }

  unref() {
    return this;
  }
}

module.exports = { DelayedSocket };
