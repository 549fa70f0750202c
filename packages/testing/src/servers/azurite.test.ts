import { expect, it } from 'vitest';
import { azureServer } from './azurite.ts';
import { httpStatus } from './http-status.ts';
import { whenAvailable } from './when-available.ts';

const azure = await azureServer();

whenAvailable(azure, 'an Azure server', (start) => {
  it('serves its account on loopback, to those who have the key', async () => {
    const server = await start({ account: 'region1' });
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/region1$/);
    expect(Buffer.from(server.key, 'base64')).toHaveLength(64);
    expect(server.connectionString).toContain(
      `AccountName=region1;AccountKey=${server.key};BlobEndpoint=${server.url};`,
    );
    expect(await httpStatus(Number(new URL(server.url).port), '/region1?comp=list')).toBe(403);
  });

  it('stands beside others, each with a key of its own', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    expect(one.url).not.toBe(two.url);
    expect(one.key).not.toBe(two.key);
  });

  it('is killed, and comes back', async () => {
    const server = await start();
    const port = Number(new URL(server.url).port);
    await server.kill();
    expect(await httpStatus(port)).toBeUndefined();
    await server.restart();
    expect(await httpStatus(port)).toBe(400);
    await server.stop();
    expect(await httpStatus(port)).toBeUndefined();
  });
});
