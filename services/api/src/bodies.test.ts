import { TOPICS } from '@voicemail/contracts';
import { binaryRequest, deposit } from '@voicemail/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { head, rawCall, type RawCall } from './world/raw-call.ts';
import { openWorld, type World } from './world/world.ts';

const MIB = 1024 * 1024;
const path = `/v1/events/${TOPICS.deposits}`;
let world: World;
let url: URL;
let calls: RawCall[];
beforeEach(async () => {
  world = await openWorld();
  url = await world.listen();
  calls = [];
});
afterEach(async () => {
  for (const { socket } of calls) socket.destroy();
  await world.close();
});

async function begin(headers: Readonly<Record<string, string>>, to = path): Promise<RawCall> {
  const call = await rawCall(url);
  calls.push(call);
  call.send(head('POST', to, world.token, { 'content-type': 'audio/wav', ...headers }));
  return call;
}

const DOCUMENT = { 'content-type': 'application/cloudevents+json' };
/** Of a recording that is a good deposit as far as its headers tell. */
const RECORDING = binaryRequest(deposit({ media: { contentType: 'audio/wav', bytes: Buffer.from('RIFF') } })).headers;

const chunk = Buffer.concat([Buffer.from(`${MIB.toString(16)}\r\n`), Buffer.alloc(MIB, 'x'), Buffer.from('\r\n')]);

describe('a body over the limit', () => {
  it('is refused at once where its length is said, before any of it is sent', async () => {
    const call = await begin({ 'content-length': String(32 * MIB + 1) });
    expect(await call.answer('\r\n\r\n{')).toMatch(/^HTTP\/1\.1 413 .*application\/problem\+json/s);
  });

  it.each([
    ['a document', DOCUMENT],
    ['a recording, which is staged meanwhile', RECORDING],
  ])('is refused while it arrives in chunks, and its end is never waited for: %s', async (_what, headers) => {
    const call = await begin({ ...headers, 'transfer-encoding': 'chunked' });
    for (let sent = 0; sent <= 32; sent += 1) call.send(chunk);
    expect(await call.answer('\r\n\r\n{')).toMatch(/^HTTP\/1\.1 413 /);
    expect(await world.records(TOPICS.deposits)).toEqual([]);
    for (const { store } of world.stores.regions) expect(await Array.fromAsync(store.list('staging/'))).toEqual([]);
  });

  it('may go on coming for a while, so that its sender reads the answer; then the connection ends', async () => {
    const call = await begin({ ...RECORDING, 'transfer-encoding': 'chunked' });
    for (let sent = 0; sent <= 40; sent += 1) call.send(chunk);
    expect(await call.answer('\r\n\r\n{')).toMatch(/^HTTP\/1\.1 413 /);
    expect(call.socket.destroyed).toBe(false);
    const ended = new Promise((resolve) => call.socket.once('close', resolve));
    await world.clock.advance(5_000);
    await ended;
  });

  it('that came whole leaves its connection in order', async () => {
    const call = await begin({ ...RECORDING, 'transfer-encoding': 'chunked' });
    for (let sent = 0; sent <= 33; sent += 1) call.send(chunk);
    await call.answer('HTTP/1.1 413 ');
    call.send(`0\r\n\r\n${head('GET', '/healthz', world.token)}`);
    expect(await call.answer('HTTP/1.1 200 ')).toContain('alive');
  });
});

describe('a large recording', () => {
  it('is refused for its headers before it has come', async () => {
    const call = await begin({ ...RECORDING, 'ce-mailbox': '../9', 'transfer-encoding': 'chunked' });
    for (let sent = 0; sent < 6; sent += 1) call.send(chunk);
    const answer = await call.answer('\r\n\r\n{');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('ce-mailbox');
  });

  it('that breaks off leaves nothing behind', async () => {
    const call = await begin({ ...RECORDING, 'content-length': String(30 * MIB) });
    call.send(Buffer.alloc(20 * MIB));
    call.socket.end();
    const ended = new Promise((resolve) => call.socket.once('close', resolve));
    await ended;
    await world.api.app.close();
    expect(await world.records(TOPICS.deposits)).toEqual([]);
    for (const { store } of world.stores.regions) expect(await Array.fromAsync(store.list('staging/'))).toEqual([]);
  });
});

describe('bodies that arrive at the same time', () => {
  /** Sends a body, again and again, until it is answered so: what is sent over other connections takes its time to be seen. */
  const untilAnswered = async (status: number, size: number): Promise<string> => {
    for (;;) {
      const call = await begin({ ...DOCUMENT, 'content-length': String(size) });
      call.send(Buffer.alloc(size));
      const answer = await call.answer('\r\n\r\n{');
      call.socket.destroy();
      if (answer.startsWith(`HTTP/1.1 ${status} `)) return answer;
    }
  };

  it('are taken up to 256 MiB of what has arrived; more is 503 until one of them is gone', async () => {
    const document = { ...DOCUMENT, 'content-length': String(32 * MIB) };
    const large = await Promise.all(Array.from({ length: 8 }, () => begin(document)));
    for (const call of large) call.send(Buffer.alloc(31 * MIB));
    expect(await untilAnswered(503, 9 * MIB)).toMatch(/retry-after: \d/);
    await untilAnswered(400, 1);
    large[0]?.socket.destroy();
    await untilAnswered(400, 9 * MIB);
  });

  it('that only say that they are large keep nobody out', async () => {
    await Promise.all(Array.from({ length: 20 }, () => begin({ 'content-length': String(32 * MIB) })));
    expect(await untilAnswered(400, MIB)).toContain('problem+json');
  });

  it('count while they are staged, as far as their store holds them', async () => {
    const senders = await Promise.all(
      Array.from({ length: 32 }, () => begin({ ...RECORDING, 'content-length': String(30 * MIB) })),
    );
    for (const call of senders) call.send(Buffer.alloc(9 * MIB));
    expect(await untilAnswered(503, MIB)).toMatch(/retry-after: \d/);
    for (const { socket } of senders) socket.destroy();
    await untilAnswered(400, MIB);
  });

  it('are let go of when their calls are answered', async () => {
    for (let count = 0; count < 20; count += 1) {
      const call = await begin({ 'content-length': String(32 * MIB) }, '/v1/events/voicemail.other');
      expect(await call.answer('\r\n\r\n{')).toMatch(/^HTTP\/1\.1 404 /);
    }
    for (let count = 0; count < 20; count += 1) {
      const call = await begin({ 'transfer-encoding': 'chunked' });
      call.send('1\r\nx\r\n0\r\n\r\n');
      expect(await call.answer('\r\n\r\n{')).toMatch(/^HTTP\/1\.1 400 /);
    }
  });
});

describe('what is no call', () => {
  it.each([
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['headers without end', `GET / HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(20_000)}`, 431],
  ])('is answered with a problem: %s', async (_name, bytes, status) => {
    const call = await rawCall(url);
    calls.push(call);
    call.send(bytes);
    expect(await call.answer('\r\n\r\n{')).toMatch(
      new RegExp(`^HTTP/1\\.1 ${status} .*application/problem\\+json`, 's'),
    );
  });
});

it.each([
  '/v1/mailboxes/%2e%2e',
  '/v1/mailboxes/1/messages/%2e%2e',
  '/v1/mailboxes/1/messages/..%2f..%2fetc/media',
  '/v1/dead-letters/%2e%2e',
])('a path as it comes over the wire cannot name what no mailbox, message or dead letter has: %s', async (hostile) => {
  const call = await rawCall(url);
  calls.push(call);
  call.send(head('GET', hostile, world.token));
  expect(await call.answer('\r\n\r\n{')).toMatch(/^HTTP\/1\.1 400 /);
});
