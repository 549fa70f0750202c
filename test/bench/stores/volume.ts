import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openFileSystemStore } from '@voicemail/object-store';
import { systemClock, systemIds } from '@voicemail/runtime';
import type { BareStore } from '../bare/bare-store.ts';
import { openObjectFiles } from '../bare/object-files.ts';
import { bareVolume } from '../forget/bare-volume.ts';
import { REGION } from '../stored/parts.ts';
import type { StoreKind } from './host.ts';

/** Folders on the disk that is measured. */
export const volume: StoreKind = {
  name: 'volume',
  open: async (context) => ({
    kind: 'volume',
    by: 'files',
    url: null,
    makePlace: async (folder) => {
      const root = join(folder ?? (await context.folder()), 'region');
      await mkdir(root, { recursive: true });
      // It knows which folders it has made: one for the place.
      let files: Promise<BareStore> | null = null;
      return {
        storage: async () => ({ interface: 'FileSystem', root }),
        bare: () => (files ??= bareFiles(root)),
        bareCalls: () => bareVolume(root),
        files: root,
      };
    },
    clear: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  }),
};

async function bareFiles(root: string): Promise<BareStore> {
  const files = await openObjectFiles(root);
  // Reads what lies as the store writes it, with no layer before it.
  const store = await openFileSystemStore({ root, region: REGION, clock: systemClock(), ids: systemIds() });
  return {
    put: ({ key, body }) => {
      const folders = key.split('/');
      const name = folders.pop() ?? '';
      return files.put(folders, name, body);
    },
    get: async (key) => {
      const reader = await store.get(key);
      if (reader === null) throw new Error(`there is no ${key}`);
      return reader.body;
    },
    close: () => undefined,
  };
}
