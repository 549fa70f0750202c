import { azureServer, whenAvailable, type AzureServer, shared } from '@voicemail/testing';
import { objectStoreContract } from '../contract-suite.ts';
import { containerOf } from './server-container.ts';

const azure = shared(await azureServer());

whenAvailable(azure, 'Azure Blob Storage', (start) => {
  let server: AzureServer | null = null;
  objectStoreContract('azure blob', async () => {
    server ??= await start();
    const container = await containerOf(server);
    const store = await container.open();
    return { store, reopen: () => container.open(), dispose: () => container.dispose() };
  });
});
