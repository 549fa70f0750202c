import { once } from 'node:events';
import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterTest } from '../after-test.ts';
import { faultProxy, type FaultProxy } from './fault-proxy.ts';

interface Arrived {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly whole: boolean;
}

/** A server that keeps what it was sent, and answers a body of 1,000 bytes. */
export async function target(): Promise<{ url: string; arrived: Arrived[] }> {
  const arrived: Arrived[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    let whole = true;
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    } catch {
      whole = false;
    }
    const { method = '', url = '', rawHeaders } = request;
    arrived.push({ method, url, rawHeaders, body: Buffer.concat(chunks), whole });
    const body = 'x'.repeat(1_000);
    response.setHeader('x-served-by', 'target');
    if (url.includes('chunked')) response.write(body.slice(0, 500));
    else response.setHeader('content-length', body.length);
    response.end(url.includes('chunked') ? body.slice(500) : body);
  };
  const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  await afterTest(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, arrived };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** What came of the body. */
  readonly bytes: number;
  readonly text: string;
  /** Why no more came. */
  readonly error?: string;
}

/** One request with a connection of its own. @throws when not even a head comes. */
export async function ask(
  url: string,
  init: { method?: string; body?: Buffer; headers?: string[] } = {},
): Promise<Answer> {
  const { method = 'GET', body, headers = [] } = init;
  const length = body === undefined ? [] : ['Content-Length', String(body.length)];
  const request = httpRequest(url, {
    method,
    agent: false,
    headers: ['Host', new URL(url).host, ...length, ...headers],
  });
  // After the answer has begun, its own stream tells what goes wrong.
  request.on('error', () => undefined);
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  let error: string | undefined;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  } catch (caught) {
    error = (caught as NodeJS.ErrnoException).code ?? String(caught);
  }
  const text = Buffer.concat(chunks).toString();
  const { statusCode: status = 0, headers: got } = response;
  return { status, headers: got, bytes: text.length, text, ...(error === undefined ? {} : { error }) };
}

/** That server behind a proxy, and the address of something there by way of the proxy. */
export async function proxied(): Promise<{ proxy: FaultProxy; url: string; arrived: Arrived[] }> {
  const { url, arrived } = await target();
  const proxy = await faultProxy(url);
  return { proxy, url: `${proxy.url}/bucket/key`, arrived };
}
/** What a client may send: more than fits into one packet. */
export const upload = { method: 'PUT', body: Buffer.alloc(300_000, 'a') };
