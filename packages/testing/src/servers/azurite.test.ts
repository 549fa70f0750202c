import { expect, it } from 'vitest';
import { answersHttp } from './answers-http.ts';
import { azureServer } from './azurite.ts';
import { whenAvailable } from './when-available.ts';

const s3 = await azureServer();
whenAvailable(s3, 'an Azure server', (start) => {
  it('answers on loopback', async () => {
    const server = await start();
    expect(await answersHttp(Number(new URL(server.url).port))).toBe(true);
    await server.kill();
    expect(await answersHttp(Number(new URL(server.url).port))).toBe(false);
    await server.restart();
    expect(await answersHttp(Number(new URL(server.url).port))).toBe(true);
  });
});
