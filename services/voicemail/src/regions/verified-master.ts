import type { Region } from '@voicemail/contracts';
import type { Ids } from '@voicemail/runtime';
import { z } from 'zod';
import type { DataFolder } from '../data-folder/data-folder.ts';
import { remembered } from './remembered.ts';
import { absoluteStorage, portablePlace } from './storage.ts';

/** What a tenant's master region was last seen to say. */
const verifiedMaster = z.object({
  /** Of the caller-hash key. */
  checkValue: z.string(),
  /** The keys that were in the file: without one of them the ledger is asked first whether it may be missing. */
  keyIds: z.array(z.string()).default([]),
  /** Which region it was, and in which place. */
  master: z.string(),
});
export type VerifiedMaster = z.infer<typeof verifiedMaster>;

/** Remembers beyond the process that a tenant was served, and from where. */
export interface MasterMemory {
  /** null for a tenant that this deployment never served. */
  read(): Promise<VerifiedMaster | null>;
  write(seen: VerifiedMaster): Promise<void>;
  /** Believes no region any more before it was looked at; that the tenant was served stays known. */
  forget(): Promise<void>;
}

export function masterMemory(data: DataFolder, tenantId: string, ids: Pick<Ids, 'token'>): MasterMemory {
  const memory = remembered(data.seen, `master region of ${tenantId}`, ids);
  const write = (seen: VerifiedMaster): Promise<void> => memory.write(JSON.stringify(seen));
  return {
    read: async () => {
      const text = await memory.read();
      return text === null ? null : verifiedMaster.parse(JSON.parse(text));
    },
    write,
    forget: () => write({ checkValue: '', keyIds: [], master: '' }),
  };
}

/** A region and its place as text that stays the same when the data folder is moved. */
export function masterPlace(data: DataFolder, { name, storage }: Region): string {
  return JSON.stringify([name, portablePlace(data, absoluteStorage(data, storage))]);
}
