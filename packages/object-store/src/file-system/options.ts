import type { Clock, Ids } from '@voicemail/runtime';
import type { SeenIdentity } from '../identity-object.ts';
import type { ObjectStore } from '../port.ts';
import type { StoreError } from '../store-error.ts';
import type { FileOperations } from './file-operations.ts';

export interface FileSystemStoreOptions {
  /** Absolute path of the folder that is the store. Made once, when the store was never seen before; never again. */
  readonly root: string;
  readonly clock: Clock;
  readonly ids: Ids;
  /** The region whose store this is; a volume that holds another region's store is refused. */
  readonly region: string;
  /** Without it the store's identity is remembered for the life of the process only. */
  readonly seenIdentity?: SeenIdentity;
  /**
   * Told when a reader could not repair what a crash had left (a plain copy, a superseded version's body), on a full or
   * read-only volume for instance. What it read is right nevertheless, and the next reader or a sweep tries again.
   */
  readonly onRepairFailed?: (error: StoreError) => void;
  /** The volume's operations; tests put faults here. */
  readonly files?: FileOperations;
}

/** What a sweep took away. */
export interface SweepReport {
  readonly temporaries: number;
  readonly tombstones: number;
  readonly superseded: number;
  readonly unreferencedData: number;
  readonly emptyFolders: number;
}

export interface FileSystemStore extends ObjectStore {
  /**
   * Takes away what crashes and deletions left: temporary files and unreferenced data older than an hour, tombstones and
   * superseded claims older than a day, folders that hold nothing. Walks the whole store; safe beside writers on any host.
   * @param options.temporariesOlderThanMs 0 where no other process has the volume (at the start of an embedded server).
   */
  sweep(signal: AbortSignal, options?: { readonly temporariesOlderThanMs?: number }): Promise<SweepReport>;
}
