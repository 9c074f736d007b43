/** A TCP relay between browser and server, so that any server can go away and return, the real one as well. */

import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export class Cable {
  readonly #target: { host: string; port: number };
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;

  constructor(host: string, port: number) {
    this.#target = { host, port };
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async plug(): Promise<void> {
    const server = createServer((near) => {
      const far = connect(this.#target);
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on('close', () => this.#sockets.delete(socket));
        socket.on('error', () => socket.destroy());
      }
      near.pipe(far).pipe(near);
      near.on('close', () => far.destroy());
      far.on('close', () => near.destroy());
    });
    await new Promise<void>((listening) => server.listen(this.#port, '127.0.0.1', listening));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async pull(): Promise<void> {
    const closed = new Promise((done) => this.#server?.close(done) ?? done(undefined));
    this.#sockets.forEach((socket) => socket.destroy());
    await closed;
    this.#server = undefined;
  }
}
