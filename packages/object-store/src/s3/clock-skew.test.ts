import { afterTest, faultProxy, faults, s3Server, whenAvailable, type S3Server } from '@voicemail/testing';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { bucketOn } from './server-bucket.ts';

const TEXT = { contentType: 'text/plain' };
const SKEW_MS = 40 * 60_000;

whenAvailable(await s3Server(), 'a clock that is not that of S3', (start) => {
  let server: S3Server;
  beforeAll(async () => {
    server = await start();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const open = async () => {
    const bucket = await bucketOn(server);
    await afterTest(() => bucket.dispose());
    const proxy = await faultProxy(server.endpoint);
    return { proxy, store: await bucket.open({ endpoint: proxy.url }) };
  };

  it.each([SKEW_MS, -SKEW_MS])('is made up for when the store refuses the time, with %i ms', async (skewMs) => {
    const { proxy, store } = await open();
    // The SDK signs by the machine's clock, whatever ours is.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + skewMs });
    await store.put('a', Buffer.from('x'), TEXT);
    expect(proxy.requests.count({ method: 'PUT' })).toBe(2);
    expect((await store.head('a'))?.size).toBe(1);
    expect(proxy.requests.count({ method: 'PUT' })).toBe(2);
  });

  it('is told where it cannot be made up for', async () => {
    const { proxy, store } = await open();
    proxy.inject({ times: 9 }, faults.s3.requestTimeTooSkewed(SKEW_MS));
    await expect(store.put('a', Buffer.from('x'), TEXT)).rejects.toMatchObject({
      kind: 'permission-denied',
      message: expect.stringContaining("this machine's clock is not right") as string,
    });
    expect(proxy.requests.count()).toBe(2);
  });

  it('is told as a setting', async () => {
    const { proxy, store } = await open();
    const clock = async () => (await store.settings()).find(({ name }) => name === 'clock');
    expect(await clock()).toMatchObject({ state: 'fine' });
    proxy.inject({ path: 'versioning', times: 9 }, faults.shiftDate(SKEW_MS));
    expect(await clock()).toMatchObject({
      state: 'wrong',
      detail: expect.stringMatching(/2[34]\d\d s behind/) as string,
    });
  });
});
