import { once } from 'node:events';
import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { afterTest } from '../after-test.ts';
import { waitFor } from '../wait-for.ts';
import { faultProxy, openFaultProxy, type FaultProxy } from './fault-proxy.ts';
import { faults } from './faults.ts';

interface Arrived {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly whole: boolean;
}

/** A server that keeps what it was sent, and answers a body of 1,000 bytes. */
async function target(): Promise<{ url: string; arrived: Arrived[] }> {
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
async function ask(url: string, init: { method?: string; body?: Buffer; headers?: string[] } = {}): Promise<Answer> {
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

async function proxied(): Promise<{ proxy: FaultProxy; url: string; arrived: Arrived[] }> {
  const { url, arrived } = await target();
  const proxy = await faultProxy(url);
  return { proxy, url: `${proxy.url}/bucket/key`, arrived };
}
const upload = { method: 'PUT', body: Buffer.alloc(300_000, 'a') };

describe('without a fault', () => {
  it('the server gets every header, the path and the body to the letter, as a signature needs it', async () => {
    const { proxy, arrived } = await proxied();
    const path = '/bucket/a%20b%2Fc?tagging&x-id=Put%2BObject';
    const headers = ['X-Odd-CASE', 'one', 'X-Odd-CASE', 'two', 'Authorization', 'AWS4-HMAC-SHA256 Credential=x'];
    await ask(`${proxy.url}${path}`, { ...upload, headers });
    const host = ['Host', new URL(proxy.url).host];
    expect(arrived).toEqual([
      {
        method: 'PUT',
        url: path,
        body: upload.body,
        whole: true,
        rawHeaders: [...host, 'Content-Length', '300000', ...headers, 'Connection', 'close'],
      },
    ]);
  });

  it('the client gets the answer, and once each of its headers', async () => {
    const { url } = await proxied();
    const answer = await ask(url);
    expect(answer).toMatchObject({ status: 200, bytes: 1_000, headers: { 'x-served-by': 'target' } });
    expect(answer.error).toBeUndefined();
    expect(Date.parse(answer.headers.date ?? '')).toBeGreaterThan(0);
  });

  it('a body of unknown length passes, either way', async () => {
    const { proxy, arrived } = await proxied();
    const request = httpRequest(`${proxy.url}/chunked`, { method: 'PUT', agent: false });
    request.write('part one, ');
    request.end('part two');
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect((await buffer(response)).length).toBe(1_000);
    expect(arrived[0]?.body.toString()).toBe('part one, part two');
  });

  it('keeps the path of the address that it stands for', async () => {
    const { url } = await target();
    expect((await faultProxy(`${url}/account`)).url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/account$/);
    expect((await faultProxy(url)).url).toMatch(/:\d+$/);
  });

  it('a server that is gone looks like one: the client’s connection is reset', async () => {
    const proxy = await faultProxy('http://127.0.0.1:1');
    await expect(ask(proxy.url)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});

describe('an occasion', () => {
  it('is one of method and path, by number and for so many times', async () => {
    const { proxy, url } = await proxied();
    const injected = proxy.inject({ method: 'PUT', path: /key\?tag/, nth: 2, times: 2 }, faults.answer(418));
    const statuses: number[] = [];
    for (const path of ['?tag', '', '?tag', '?tag', '?tag']) {
      statuses.push((await ask(`${url}${path}`, upload)).status, (await ask(`${url}${path}`)).status);
    }
    expect(statuses).toEqual([200, 200, 200, 200, 418, 200, 418, 200, 200, 200]);
    expect(injected.hits).toBe(2);
  });

  it('is the next request unless told, and over when it is removed', async () => {
    const { proxy, url } = await proxied();
    proxy.inject({}, faults.answer(500));
    const endless = proxy.inject({ times: Number.POSITIVE_INFINITY }, faults.answer(503));
    expect([(await ask(url)).status, (await ask(url)).status, (await ask(url)).status]).toEqual([500, 503, 503]);
    endless.remove();
    expect((await ask(url)).status).toBe(200);
  });
});

describe('what came', () => {
  it('is counted by method and path, whatever became of it', async () => {
    const { proxy, url } = await proxied();
    proxy.inject({ method: 'PUT' }, faults.answer(503));
    await ask(url, upload);
    await ask(url, upload);
    await ask(`${url}?tagging`);
    expect(proxy.requests.count({ method: 'PUT', path: '/bucket/key' })).toBe(2);
    expect(proxy.requests.all({ path: /tagging$/ })).toEqual([{ method: 'GET', path: '/bucket/key?tagging' }]);
    expect(proxy.requests.tally()).toEqual({ PUT: 2, GET: 1 });
    proxy.requests.clear();
    expect(proxy.requests.count()).toBe(0);
  });
});

describe('a fault of the network', () => {
  it('before the request: the server sees nothing, the client a reset', async () => {
    const { proxy, url, arrived } = await proxied();
    proxy.inject({}, faults.resetBeforeRequest());
    await expect(ask(url, upload)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(arrived).toEqual([]);
  });

  it('in the request’s body: the server sees half of it and the end, the client a reset', async () => {
    const { proxy, url, arrived } = await proxied();
    proxy.inject({}, faults.resetInRequest());
    await expect(ask(url, upload)).rejects.toMatchObject({ code: 'ECONNRESET' });
    await waitFor('the server has seen the end', () => arrived.length);
    expect([arrived[0]?.whole, arrived[0]?.body.length]).toEqual([false, 150_000]);
  });

  it.each(['', '?chunked'])('in the answer’s body: half of it comes, then a reset (%s)', async (query) => {
    const { proxy, url, arrived } = await proxied();
    proxy.inject({}, faults.resetInResponse());
    const answer = await ask(`${url}${query}`);
    expect(answer).toMatchObject({ status: 200, error: 'ECONNRESET' });
    // Of a body whose length is not told, the proxy halves what comes first, which is up to the network.
    expect(answer.bytes).toBeGreaterThan(0);
    expect(answer.bytes).toBeLessThanOrEqual(500);
    expect(arrived).toHaveLength(1);
  });

  it('truncates: the answer is shorter than it says, and the connection ends in order', async () => {
    const { proxy, url } = await proxied();
    proxy.inject({}, faults.truncateResponse());
    const answer = await ask(url);
    expect(answer).toMatchObject({ status: 200, bytes: 500, headers: { 'content-length': '1000' } });
    expect(answer.error).toBeDefined();
  });

  it('loses the answer: the server has done all of it, the client sees a reset', async () => {
    const { proxy, url, arrived } = await proxied();
    proxy.inject({}, faults.loseAnswer());
    await expect(ask(url, upload)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(arrived).toMatchObject([{ method: 'PUT', whole: true, body: upload.body }]);
  });

  it('hangs: neither an answer nor an end comes, until the client has had enough', async () => {
    const { proxy, url, arrived } = await proxied();
    const injected = proxy.inject({}, faults.hang());
    await expect(fetch(url, { signal: AbortSignal.timeout(200) })).rejects.toThrow('timeout');
    expect([injected.hits, arrived.length]).toEqual([1, 0]);
  });

  it('hangs in the answer’s body: half of it comes, and then nothing', async () => {
    const { proxy, url } = await proxied();
    proxy.inject({}, faults.hangInResponse());
    const answer = await fetch(url, { signal: AbortSignal.timeout(300) });
    const reader = answer.body?.getReader();
    expect((await reader?.read())?.value?.length).toBe(500);
    await expect(reader?.read()).rejects.toThrow('timeout');
  });

  it('delays: everything comes, later', async () => {
    const { proxy, url } = await proxied();
    proxy.inject({}, faults.delay(150));
    const sinceMs = performance.now();
    expect((await ask(url)).status).toBe(200);
    expect(performance.now() - sinceMs).toBeGreaterThanOrEqual(145);
  });

  it('shifts the clock of the server', async () => {
    const { proxy, url } = await proxied();
    proxy.inject({}, faults.shiftDate(3_600_000));
    const aheadMs = Date.parse((await ask(url)).headers.date ?? '') - Date.now();
    expect(aheadMs).toBeGreaterThan(3_590_000);
    expect(aheadMs).toBeLessThanOrEqual(3_600_000);
  });
});

describe('a fault that cannot be carried out', () => {
  it('is told when the proxy ends, and does not leave the client waiting', async () => {
    const { url } = await target();
    const proxy = await openFaultProxy(url);
    proxy.inject({}, async () => {
      throw new TypeError('a slip in the test');
    });
    await expect(ask(proxy.url)).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expect(proxy[Symbol.asyncDispose]()).rejects.toThrow('could not be carried out');
  });
});
