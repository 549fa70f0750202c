import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Storage } from '@voicemail/contracts';
import type { Ids } from '@voicemail/runtime';
import { z } from 'zod';
import type { DataFolder } from './data-folder.ts';
import { readText, writePrivately } from './private-file.ts';
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

/**
 * Which store was seen of a tenant's region, at its storage's place or, where that is new, at the place that the region had before. So a region
 * that is given an empty place under its old name is down, and not empty: what it holds lies elsewhere.
 * @param storage with absolute paths.
 */
export function seenRegion(
  data: DataFolder,
  { tenantId, region, storage }: { readonly tenantId: string; readonly region: string; readonly storage: Storage },
  ids: Pick<Ids, 'token'>,
): Remembered {
  const atPlace = seenStore(data, storage, ids);
  const ofRegion = remembered(data.seen, `region ${JSON.stringify([tenantId, region])}`, ids);
  return {
    read: async () => {
      const [here, before] = [await atPlace.read(), await ofRegion.read()];
      if (here !== null && before === null) await ofRegion.write(here);
      return here ?? before;
    },
    write: async (id) => {
      await atPlace.write(id);
      await ofRegion.write(id);
    },
  };
}
