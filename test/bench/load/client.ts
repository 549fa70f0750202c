import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { concurrently } from './concurrently.ts';

/** Where requests go, and what each says beside its own headers. */
export interface Target {
  readonly port: number;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Posted {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const STATUS = /^HTTP\/1\.1 (\d{3})/;
const CONTENT_LENGTH = /^content-length: *(\d+)/im;

/** A request as bytes, made before the clock runs. */
export function encodeRequest({ port, headers }: Target, request: Posted): Buffer {
  const all = { host: `127.0.0.1:${port}`, 'content-length': request.body.length, ...headers, ...request.headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`POST ${request.path} HTTP/1.1\r\n${lines.join('')}\r\n`), request.body]);
}

/**
 * Sends requests over so many connections that are kept, one at a time on each. A client as thin as it can be: on a small
 * machine a complete one takes more of the processor than a bare server does, and hides what is measured.
 * @throws Error for an answer that is not the one expected.
 */
export async function postAll(
  target: Target,
  requests: readonly Buffer[],
  connections: number,
  expectedStatus: number,
): Promise<void> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(target.port)));
  const idle = [...sockets];
  try {
    await concurrently(requests.length, connections, async (index) => {
      const socket = idle.pop();
      if (socket === undefined) throw new Error('more requests at once than connections');
      const answer = answerOf(socket);
      socket.write(requests[index] ?? '');
      const { status, text } = await answer;
      if (status !== expectedStatus) throw new Error(`a request was answered with ${status}: ${text}`);
      idle.push(socket);
    });
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return socket;
}

function answerOf(socket: Socket): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0);
    const done = (): void => {
      socket.off('data', take).off('error', fail).off('close', closed);
    };
    const fail = (error: Error): void => {
      done();
      reject(error);
    };
    const closed = (): void => fail(new Error('a connection was closed before its answer'));
    const take = (chunk: Buffer): void => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const headEnd = received.indexOf(HEAD_END);
      if (headEnd < 0) return;
      const head = received.subarray(0, headEnd).toString('latin1');
      const bodyAt = headEnd + HEAD_END.length;
      if (received.length < bodyAt + Number(CONTENT_LENGTH.exec(head)?.[1] ?? 0)) return;
      done();
      resolve({ status: Number(STATUS.exec(head)?.[1]), text: received.subarray(bodyAt).toString() });
    };
    socket.on('data', take).on('error', fail).on('close', closed);
  });
}
