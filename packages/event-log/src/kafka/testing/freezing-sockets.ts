import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ISocketFactory } from 'kafkajs';

export interface FreezingSockets {
  readonly factory: ISocketFactory;
  /** From now on nothing leaves and nothing arrives, and no connection ends: what SIGSTOP or a cut cable does. */
  freeze(): void;
  /** What waited goes on. */
  thaw(): void;
}

/** Connections that a test can freeze while the process that has them runs on. */
export function freezingSockets(): FreezingSockets {
  const sockets = new Set<Socket>();
  let isFrozen = false;
  const freeze = (socket: Socket): void => {
    socket.cork();
    socket.pause();
  };
  return {
    factory: ({ host, port, ssl, onConnect }) => {
      const socket = ssl ? connectTls({ host, port, ...ssl }, onConnect) : connect({ host, port }, onConnect);
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      if (isFrozen) freeze(socket);
      return socket;
    },
    freeze: () => {
      isFrozen = true;
      for (const socket of sockets) freeze(socket);
    },
    thaw: () => {
      isFrozen = false;
      for (const socket of sockets) {
        socket.uncork();
        socket.resume();
      }
    },
  };
}
