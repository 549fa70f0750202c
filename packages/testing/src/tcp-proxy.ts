import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** What the network between a client and a server does with what is sent, either way. */
export type Weather =
  | { readonly kind: 'fair' }
  /** No connection stands, and none comes about. */
  | { readonly kind: 'cut' }
  /** Connections stand and come about, and nothing gets through: what was sent meanwhile arrives when it is fair again. */
  | { readonly kind: 'hung' }
  | { readonly kind: 'slow'; readonly delayMs: number; readonly bytesPerSecond: number };

/** A piece of network on loopback, in front of a server, that a test cuts, hangs and slows. */
export interface TcpProxy extends AsyncDisposable {
  /** In place of the server's own port. */
  readonly port: number;
  /** Which server it leads to; before that, connections end at once. */
  leadTo(port: number): void;
  become(weather: Weather): void;
  /** How many connections did not come about. */
  refused(): number;
}

const HOST = '127.0.0.1';
const HUNG_LOOK_MS = 20;

/** Opens a proxy that the caller disposes of. A server that tells its clients its address must be told the proxy's. */
export async function openTcpProxy(): Promise<TcpProxy> {
  let target: number | null = null;
  let weather: Weather = { kind: 'fair' };
  let isOver = false;
  let refused = 0;
  const sockets = new Set<Socket>();
  const now = (): Weather => weather;
  const hold = (socket: Socket): void => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // One side that is gone ends the other; what is told about it is the client's to see.
    socket.on('error', () => undefined);
  };
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    hold(client);
    if (target === null || weather.kind === 'cut') {
      refused += 1;
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ port: target, host: HOST, allowHalfOpen: true, noDelay: true });
    hold(upstream);
    void carry(client, upstream, now);
    void carry(upstream, client, now);
  });
  server.listen(0, HOST);
  await once(server, 'listening');
  const dropAll = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    leadTo: (port) => {
      target = port;
    },
    become: (next) => {
      weather = next;
      if (next.kind === 'cut') dropAll();
    },
    refused: () => refused,
    [Symbol.asyncDispose]: async () => {
      if (isOver) return;
      isOver = true;
      weather = { kind: 'cut' };
      dropAll();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Passes on what comes, in its order, as the weather has it. Takes no more from a sender than its receiver has taken. */
async function carry(from: Socket, to: Socket, weather: () => Weather): Promise<void> {
  try {
    // At its end the other direction may still be under way.
    for await (const bytes of from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      while (weather().kind === 'hung') await pause(HUNG_LOOK_MS);
      const current = weather();
      if (current.kind === 'slow') await pause(current.delayMs + (bytes.length / current.bytesPerSecond) * 1_000);
      if (!to.write(bytes)) await drained(to);
    }
    to.end();
  } catch {
    // A side is gone: so is the other.
    from.resetAndDestroy();
    to.resetAndDestroy();
  }
}

/** @throws Error when it is gone instead. */
function drained(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      socket.off('drain', settle).off('close', settle);
      if (socket.destroyed) reject(new Error('the receiver is gone'));
      else resolve();
    };
    if (socket.destroyed) settle();
    else socket.once('drain', settle).once('close', settle);
  });
}
