import { manualClock } from '@voicemail/runtime';
import { azureServer, faultProxy, faults, whenAvailable, type AzureServer, shared } from '@voicemail/testing';
import { beforeAll, expect, it } from 'vitest';
import { containerOf, type ServerContainer } from './server-container.ts';

const HOUR_MS = 3_600_000;

whenAvailable(shared(await azureServer()), 'a clock that is not that of Azure Blob Storage', (start) => {
  let container: ServerContainer;
  let server: AzureServer;

  beforeAll(async () => {
    server = await start();
    container = await containerOf(server);
    return () => container.dispose();
  });

  it('is told as the reason of a refusal, where it is one', async () => {
    const proxy = await faultProxy(server.url);
    const store = await container.open({ clock: manualClock(Date.now() - HOUR_MS) }, proxy.url);
    proxy.inject({ times: 2 }, faults.azure.authenticationFailed());
    const refused = store.put('k', Buffer.from('x'), { contentType: 'text/plain' });
    await expect(refused).rejects.toMatchObject({ kind: 'permission-denied' });
    await expect(refused).rejects.toThrow(/the clock here is 60 min behind the service's/);
  });

  it('gives the objects no time: theirs is the store’s', async () => {
    const store = await container.open({ clock: manualClock(Date.now() - HOUR_MS) });
    await store.put('k', Buffer.from('x'), { contentType: 'text/plain' });
    const { lastModified = 0 } = (await store.head('k')) ?? {};
    expect(Math.abs(lastModified - Date.now())).toBeLessThan(HOUR_MS / 2);
  });
});
