import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { waitFor } from '../wait-for.ts';
import { faults } from './faults.ts';
import { ask, proxied, upload } from './proxied.ts';

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
    const enough = new AbortController();
    const asked = fetch(url, { signal: enough.signal });
    await waitFor('the call has come to the proxy', () => injected.hits === 1);
    await expect(Promise.race([asked, pause(200, 'nothing yet')])).resolves.toBe('nothing yet');
    enough.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
    expect([injected.hits, arrived.length]).toEqual([1, 0]);
  });

  it('hangs in the answer’s body: half of it comes, and then nothing', async () => {
    const { proxy, url } = await proxied();
    proxy.inject({}, faults.hangInResponse());
    const enough = new AbortController();
    const answer = await fetch(url, { signal: enough.signal });
    const reader = answer.body?.getReader();
    expect((await reader?.read())?.value?.length).toBe(500);
    const rest = reader?.read();
    await expect(Promise.race([rest, pause(200, 'nothing yet')])).resolves.toBe('nothing yet');
    enough.abort(new Error('enough'));
    await expect(rest).rejects.toThrow('enough');
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
