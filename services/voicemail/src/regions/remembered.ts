import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Storage } from '@voicemail/contracts';
import type { Ids } from '@voicemail/runtime';
import { z } from 'zod';
import type { DataFolder } from '../data-folder/data-folder.ts';
import { readText, writePrivately } from '../data-folder/private-file.ts';
import { portablePlace } from './storage.ts';

const Memory = z.object({ of: z.string(), value: z.string() });

/** One thing that was learned and outlives the process. */
export interface Remembered {
  read(): Promise<string | null>;
  write(value: string): Promise<void>;
}

/**
 * Something learned of a store, kept outside of it: what a volume says of itself is gone when the volume is.
 * @param of what it is about, for instance a store's place; may be any text.
 */
export function remembered(folder: string, of: string, ids: Pick<Ids, 'token'>): Remembered {
  const name = createHash('sha256').update(of).digest('hex').slice(0, 32);
  const path = join(folder, `${name}.json`);
  return {
    read: async () => {
      const text = await readText(path);
      return text === null ? null : Memory.parse(JSON.parse(text)).value;
    },
    write: (value) => writePrivately(path, `${JSON.stringify({ of, value })}\n`, ids),
  };
}

/** Which store was seen at a storage's place. @param storage with absolute paths. */
export function seenStore(data: DataFolder, storage: Storage, ids: Pick<Ids, 'token'>): Remembered {
  return remembered(data.seen, `store ${portablePlace(data, storage)}`, ids);
}

/** What is remembered of a tenant's region. */
export interface SeenRegion extends Remembered {
  /** To be called before something of a tenant is stored there: from then on the region keeps to this store. */
  noteUse(): Promise<void>;
  /** Whether something of the tenant was ever stored there. */
  isUsed(): Promise<boolean>;
}

/**
 * Which store a tenant's region was used in or, as long as it was not, which one was seen at its storage's place. So a region that is
 * given another place under its old name is down, and not empty: what it holds lies elsewhere. One that never held anything may be
 * given any place.
 * @param storage with absolute paths.
 */
export function seenRegion(
  data: DataFolder,
  { tenantId, region, storage }: { readonly tenantId: string; readonly region: string; readonly storage: Storage },
  ids: Pick<Ids, 'token'>,
): SeenRegion {
  const atPlace = seenStore(data, storage, ids);
  const whereUsed = remembered(data.seen, `region ${JSON.stringify([tenantId, region])}`, ids);
  let isNoted = false;
  return {
    read: async () => (await whereUsed.read()) ?? (await atPlace.read()),
    write: (id) => atPlace.write(id),
    isUsed: async () => (await whereUsed.read()) !== null,
    noteUse: async () => {
      if (isNoted) return;
      const id = await atPlace.read();
      if (id !== null && (await whereUsed.read()) === null) await whereUsed.write(id);
      isNoted = id !== null;
    },
  };
}
