import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { afterTest } from './after-test.ts';
import { openTcpProxy, type TcpProxy } from './tcp-proxy.ts';
import { waitFor } from './wait-for.ts';

/** A proxy in front of a server that says everything back. */
async function proxied(): Promise<TcpProxy> {
  const echo = createServer((socket) => void socket.on('error', () => undefined).pipe(socket));
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const proxy = await openTcpProxy();
  proxy.leadTo((echo.address() as AddressInfo).port);
  await afterTest(async () => {
    await proxy[Symbol.asyncDispose]();
    echo.close();
  });
  return proxy;
}

interface Client {
  readonly socket: Socket;
  readonly heard: () => Buffer;
  readonly isGone: () => boolean;
}

async function dial(port: number): Promise<Client> {
  const socket = connect(port, '127.0.0.1');
  const parts: Buffer[] = [];
  let gone = false;
  socket.on('data', (part: Buffer) => void parts.push(part));
  socket.on('error', () => undefined).on('close', () => (gone = true));
  await afterTest(async () => void socket.destroy());
  await waitFor('it is connected or gone', () => gone || !socket.connecting);
  return { socket, heard: () => Buffer.concat(parts), isGone: () => gone };
}

const LARGE = Buffer.alloc(3_000_000, 'all of it, in its order. ');

it('passes on everything in both directions, and each side’s end', async () => {
  const { socket, heard, isGone } = await dial((await proxied()).port);
  socket.end(LARGE);
  await waitFor('the server has ended too', isGone);
  expect(heard().equals(LARGE)).toBe(true);
});

it('cut: what stands breaks, nothing comes about, and a new connection serves when it is fair again', async () => {
  const proxy = await proxied();
  const before = await dial(proxy.port);
  before.socket.write('one');
  await waitFor('it is said back', () => before.heard().length === 3);
  proxy.become({ kind: 'cut' });
  await waitFor('it is broken', before.isGone);
  const meanwhile = await dial(proxy.port);
  await waitFor('that one too', meanwhile.isGone);
  proxy.become({ kind: 'fair' });
  const after = await dial(proxy.port);
  after.socket.end('two');
  await waitFor('the server has ended too', after.isGone);
  expect(after.heard().toString()).toBe('two');
});

it('hung: connections stand, and what was sent arrives when it is fair again', async () => {
  const proxy = await proxied();
  const [first, other] = [await dial(proxy.port), await dial(proxy.port)];
  proxy.become({ kind: 'hung' });
  const late = await dial(proxy.port);
  for (const { socket } of [first, late]) socket.write('held');
  // Nothing can be seen to arrive; a pause that is over after it was written shows that it was not only slow.
  other.socket.write('x');
  await waitFor('it has left the client', () => first.socket.bytesWritten === 4 && first.socket.writableLength === 0);
  expect([first.heard().length, late.heard().length, first.isGone(), late.isGone()]).toEqual([0, 0, false, false]);
  proxy.become({ kind: 'fair' });
  await waitFor('it arrives', () => first.heard().toString() === 'held' && late.heard().toString() === 'held');
});

it('slow: everything arrives, and takes its time', async () => {
  const proxy = await proxied();
  proxy.become({ kind: 'slow', delayMs: 5, bytesPerSecond: 10_000_000 });
  const { socket, heard, isGone } = await dial(proxy.port);
  const startedMs = performance.now();
  socket.end(LARGE);
  await waitFor('the server has ended too', isGone);
  expect(heard().equals(LARGE)).toBe(true);
  expect(performance.now() - startedMs).toBeGreaterThan(300);
});
