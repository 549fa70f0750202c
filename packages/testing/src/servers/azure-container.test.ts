import { beforeAll, expect, it } from 'vitest';
import { accountSas, makeContainer } from './azure-container.ts';
import { azureServer, type AzureServer } from './azurite.ts';
import { whenAvailable } from './when-available.ts';

const HOUR_MS = 3_600_000;

const azure = await azureServer();
whenAvailable(azure, 'a signature for an Azure account', (start) => {
  let server: AzureServer;
  beforeAll(async () => {
    server = await start();
    await makeContainer(server, 'made');
  });
  const blob = (sas: string): string => `${server.url}/made/blob?${sas}`;
  const put = async (sas: string): Promise<number> => {
    const headers = { 'x-ms-blob-type': 'BlockBlob' };
    return (await fetch(blob(sas), { method: 'PUT', headers, body: 'x' })).status;
  };

  it('lets in to what it permits, and to nothing else', async () => {
    const until = Date.now() + HOUR_MS;
    expect(await put(accountSas(server, until))).toBe(201);
    expect(await put(accountSas(server, until, 'rl'))).toBe(403);
    expect((await fetch(blob(accountSas(server, until, 'rl')))).status).toBe(200);
  });

  it('lets nobody in when it is over, or of another key', async () => {
    expect(await put(accountSas(server, Date.now() - HOUR_MS))).toBe(403);
    const other = { ...server, key: Buffer.alloc(64, 1).toString('base64') };
    expect(await put(accountSas(other, Date.now() + HOUR_MS))).toBe(403);
  });
});
