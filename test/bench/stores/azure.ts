import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { azureServer, makeContainer } from '@voicemail/testing';
import { bareAzure } from '../bare/azure-blobs.ts';
import { StoreMissing, type StoreKind } from './host.ts';

/** Azurite, which keeps everything in memory. */
export const azure: StoreKind = {
  name: 'Azure',
  open: async (context) => {
    const available = await azureServer();
    if (!available.available) throw new StoreMissing(available.why);
    const server = await available.start();
    let made = 0;
    return {
      kind: 'Azure',
      by: available.name,
      url: server.url,
      makePlace: async () => {
        const container = `container-${(made += 1)}`;
        await makeContainer(server, container);
        const folder = await context.folder();
        const reachedBy = (url: string): string => server.connectionString.replace(server.url, url);
        return {
          storage: async (url = server.url) => {
            const file = join(folder, `connection-string-${new URL(url).port}`);
            await writeFile(file, reachedBy(url));
            return { interface: 'BlobStorage', container, connection_string_file: file };
          },
          bare: async (url = server.url) => bareAzure(reachedBy(url), container),
          bareCalls: null,
          files: null,
        };
      },
      // It begins empty.
      clear: () => server.restart(),
      [Symbol.asyncDispose]: () => server.stop(),
    };
  },
};
