import { once } from 'node:events';
import { Agent, createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { afterTest } from '../after-test.ts';
import { waitFor } from '../wait-for.ts';
import { faultProxy, openFaultProxy } from './fault-proxy.ts';
import { faults } from './faults.ts';
import { ask, proxied, target, upload } from './proxied.ts';

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

describe('a server that refuses a body unread, and keeps the connection', () => {
  it('does not keep the client’s next request waiting', async () => {
    const server = createServer((request, response) => {
      request.pause();
      response.writeHead(403).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    await afterTest(async () => {
      server.closeAllConnections();
      server.close();
    });
    const { url, requests } = await faultProxy(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let count = 1; count <= 3; count += 1) {
      const request = httpRequest(url, { method: 'PUT', agent });
      request.end(Buffer.alloc(8_000_000));
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      await once(response.resume(), 'end');
      expect([response.statusCode, requests.count()]).toEqual([403, count]);
    }
    agent.destroy();
  });
});

describe('a client that asks first whether to go on', () => {
  /** Gives the status and whether the client was told to go on, with its body. */
  async function askFirst(url: string): Promise<{ status: number | undefined; toldToGoOn: boolean }> {
    const request = httpRequest(url, { method: 'PUT', agent: false, headers: { expect: '100-continue' } });
    let toldToGoOn = false;
    request
      .on('error', () => undefined)
      .on('continue', () => {
        toldToGoOn = true;
        request.end(upload.body);
      });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    request.destroy();
    return { status: response.statusCode, toldToGoOn };
  }

  it('is told so by the server', async () => {
    const { url, arrived } = await proxied();
    expect(await askFirst(url)).toEqual({ status: 200, toldToGoOn: true });
    expect(arrived[0]?.body).toEqual(upload.body);
  });

  it('and by nobody where a fault answers in its place', async () => {
    const { proxy, url } = await proxied();
    proxy.inject({}, faults.s3.slowDown());
    expect(await askFirst(url)).toEqual({ status: 503, toldToGoOn: false });
  });

  it('goes on for a connection that breaks in the body', async () => {
    const { proxy, url, arrived } = await proxied();
    proxy.inject({}, faults.resetInRequest());
    await expect(askFirst(url)).rejects.toMatchObject({ code: 'ECONNRESET' });
    await waitFor('the server has seen the end', () => arrived.length);
    expect(arrived[0]?.whole).toBe(false);
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
