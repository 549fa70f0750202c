import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A connection to an API, spoken to byte by byte. */
export interface RawCall {
  readonly socket: Socket;
  send(bytes: string | Uint8Array): void;
  /** What was answered when `until` is in it. @throws Error when the connection ends first. */
  answer(until: string): Promise<string>;
}

export async function rawCall(url: URL): Promise<RawCall> {
  const socket = connect(Number(url.port), url.hostname);
  await once(socket, 'connect');
  let text = '';
  let failure: Error | null = null;
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.on('error', (error) => (failure = error));
  return {
    socket,
    send: (bytes) => void socket.write(bytes),
    answer: async (until) => {
      while (!text.includes(until)) {
        if (socket.destroyed || socket.readableEnded) {
          throw new Error(`the connection ended after: ${text}`, { cause: failure });
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
      return text;
    },
  };
}

/** The head of a call with the token. */
export function head(
  method: string,
  path: string,
  token: string,
  headers: Readonly<Record<string, string>> = {},
): string {
  const lines = [`${method} ${path} HTTP/1.1`, 'host: localhost', `authorization: Bearer ${token}`];
  return [...lines, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n');
}
