import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stored } from './world/consume.ts';
import { head, rawCall, type RawCall } from './world/raw-call.ts';
import { openWorld, START, type World } from './world/world.ts';

let world: World;
let call: RawCall;
let url: URL;
beforeEach(async () => {
  world = await openWorld();
  await stored(world, '9876', 'm1');
  url = await world.listen();
  call = await rawCall(url);
});
afterEach(async () => {
  call.socket.destroy();
  await world.close();
});

const body = '{"state":"read"}';
const patch = (): string =>
  head('PATCH', '/v1/mailboxes/9876/messages/m1', world.token, {
    'content-type': 'application/json',
    'content-length': String(body.length),
  }) + body;
const appended = async (): Promise<void> => {
  while ((await world.records('voicemail.message-actions')).length === 0) await world.clock.advance(0);
};

describe('a stop', () => {
  it('waits for the calls under way, and ends their connections', async () => {
    call.send(patch());
    await appended();
    await world.whileTimePasses(world.api.close(10_000));
    expect(await call.answer('\r\n\r\n{')).toMatch(/^HTTP\/1\.1 202 .*connection: close/s);
  });

  it('cuts off what is not done after its grace', async () => {
    call.send(patch());
    await appended();
    const ended = new Promise((resolve) => call.socket.once('close', resolve));
    const closed = world.api.close(100);
    await world.whileTimePasses(ended);
    await world.whileTimePasses(closed);
    await expect(call.answer('HTTP')).rejects.toThrow('the connection ended');
  });

  it('does not wait for connections that are idle, and takes no new ones', async () => {
    call.send(head('GET', '/healthz', world.token));
    await call.answer('alive');
    await world.whileTimePasses(world.api.close(10_000));
    expect(world.clock.now() - START).toBeLessThan(10_000);
    await expect(rawCall(url)).rejects.toThrow('ECONNREFUSED');
  });
});
