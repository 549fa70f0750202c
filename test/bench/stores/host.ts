import type { Context } from '../figure.ts';
import type { BareStore } from '../bare/bare-store.ts';
import type { BareCalls } from '../forget/bare-calls.ts';

export type KindName = 'volume' | 'S3' | 'Azure';

/** A kind of store, as an operator chooses it for a region. */
export interface StoreKind {
  readonly name: KindName;
  /** Starts one of its own. @throws StoreMissing where this machine cannot have it. */
  open(context: Context): Promise<StoreHost>;
}

/** A store of one kind that runs here, and ends with `await using`. */
export interface StoreHost extends AsyncDisposable {
  readonly kind: KindName;
  /** What stands for the kind here, in words: `versitygw 1.8.0`. */
  readonly by: string;
  /** Where its requests go; null: it is files, and there are none. */
  readonly url: string | null;
  /** An empty folder, bucket or container. @param folder where its files are to lie, if it has any; that of the run unless told. */
  makePlace(folder?: string): Promise<Place>;
  /** Gives back the memory or the disk that its places have taken, as far as the run does not at its end. They are there no longer. */
  clear(): Promise<void>;
}

/** A folder, bucket or container for objects. */
export interface Place {
  /** As the tenants' file has it. @param url what stands before the server, to count what is asked of it. */
  storage(url?: string): Promise<object>;
  /** The same without an adapter. */
  bare(url?: string): Promise<BareStore>;
  /** All calls that forgetting comes to, without an adapter; null: they are not compared with here. */
  readonly bareCalls: (() => Promise<BareCalls>) | null;
  /** Where each object is a file by its key that a program may place there itself; null: there is no such folder. */
  readonly files: string | null;
}

/** This machine has no store of a kind; the message says what it lacks. */
export class StoreMissing extends Error {
  override readonly name = 'StoreMissing';
}
