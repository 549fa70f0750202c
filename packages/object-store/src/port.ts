/** Names and values of an object's tags. Values are text of any characters: the adapter encodes what its store does not allow. */
export type Tags = Readonly<Record<string, string>>;

/** Bytes in: whole, or as a stream that is read once. */
export type Body = Uint8Array | AsyncIterable<Uint8Array>;

export interface ObjectInfo {
  readonly key: string;
  /** Changes with every write of the object, never comes back. Opaque. */
  readonly etag: string;
  /** Bytes. */
  readonly size: number;
  readonly contentType: string;
  readonly tags: Tags;
  /** A change to these tags was begun and not ended: the store's index, and its rules, may still go by others. `tag` ends it. */
  readonly tagsUnsettled?: true;
  /** ms since the epoch, by the store's clock. */
  readonly lastModified: number;
}

/** An object as a writer knows it: the time that the store gave it is told to readers alone, for not every store tells it to its writer. */
export type WrittenObject = Omit<ObjectInfo, 'lastModified'>;

export interface ListedObject {
  readonly key: string;
  readonly size: number;
  readonly lastModified: number;
}

export interface ObjectReader {
  readonly info: ObjectInfo;
  /** The bytes asked for. Read it to the end, or call `return()`, so that nothing stays open. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** First and last byte, both included (RFC 9110 §14.1.2), already within the object. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface PutOptions {
  readonly contentType: string;
  readonly tags?: Tags;
  /** `absent`: only if there is none (`If-None-Match: *`); an etag: only if that is the present one (`If-Match`). */
  readonly condition?: { readonly absent: true } | { readonly etag: string };
}

/** What a store can do beyond the least that every one does; suites and callers ask this, never the adapter's name. */
export interface Capabilities {
  /** Finds objects by a tag itself. Where it cannot, an index of empty objects serves (see message-store). */
  readonly tagSearch: boolean;
  /**
   * May keep what was replaced or deleted (versions, snapshots, soft-deleted objects, delete markers), if its settings say so:
   * what must be gone is to be purged. Elsewhere a purge has nothing to do.
   */
  readonly keepsReplaced: boolean;
  /**
   * An etag is a digest of the bytes: an unconditional put or a copy of the same bytes has the same one again. A put under
   * `If-Match` always gets another one than it names. Elsewhere every write has an etag of its own.
   */
  readonly etagsOfContent?: boolean;
  /**
   * Folders are things of their own: a key that is a folder of another is refused with `invalid-key`. Elsewhere it is a
   * mistake that nobody notices.
   */
  readonly foldersAreReal?: boolean;
}

/** What is left of a key's past after a purge, and why it could not go. Nothing in it tells whose it is. */
export interface Leftover {
  readonly what: 'version' | 'snapshot' | 'soft-deleted' | 'delete-marker' | 'replica';
  readonly count: number;
  readonly why: string;
  /** ms since the epoch, when the store lets go of it by itself; null where that is not known or never. */
  readonly until: number | null;
}

/** What a purge did. */
export interface Purge {
  /** How many versions, snapshots and the like went. */
  readonly erased: number;
  readonly left: readonly Leftover[];
}

/** How a store is set up, of what matters to whoever is answerable for it: what it keeps, who may see it, whether its clock is right. */
export interface StoreSetting {
  readonly name:
    | 'versioning'
    | 'soft-delete'
    | 'replication'
    | 'object-lock'
    | 'encryption'
    | 'public-access'
    | 'clock'
    | 'lifecycle';
  /** `unknown`: the store does not tell, or not us. It is never taken for fine. */
  readonly state: 'fine' | 'wrong' | 'unknown';
  /** What was found. */
  readonly detail: string;
  /** What to do, where it is not fine. */
  readonly advice?: string;
}

export interface TagOptions {
  /**
   * Where a store cannot change tags and `lastModified` in one step: which of them first. `touch-first` for a tag that a rule of
   * the store's own acts on, so that it never sees the tag on an old time; `tags-first` to take such a tag away.
   */
  readonly order: 'touch-first' | 'tags-first';
}

/**
 * A region's object store. Keys are `/`-separated, hold no empty, `.` or `..` segment and no control character, 1,024 bytes
 * of UTF-8 at most, and no key may be a folder of another. A put is atomic: a reader sees the old object or the new one
 * whole. Conditions have exactly one winner.
 * Every method rejects with a `StoreError`; only an error of a body that is being put comes back as it is.
 */
export interface ObjectStore {
  readonly capabilities: Capabilities;
  /**
   * Writes an object with its tags in one step; durable when it resolves.
   * @throws StoreError `condition-failed` when the condition does not hold.
   */
  put(key: string, body: Body, options: PutOptions): Promise<WrittenObject>;
  /** null where there is none. @throws StoreError `invalid-range` when the range is not within the object. */
  get(key: string, options?: { readonly range?: ByteRange }): Promise<ObjectReader | null>;
  head(key: string): Promise<ObjectInfo | null>;
  /**
   * Removes the object; true if there was one.
   * @throws StoreError `condition-failed` when `etag` is given and is not the present one.
   */
  delete(key: string, options?: { readonly etag?: string }): Promise<boolean>;
  /** Copies inside the store (a link on a volume), only if there is no `to`. @throws StoreError `not-found`, `condition-failed`. */
  copy(from: string, to: string, options?: { readonly tags?: Tags }): Promise<WrittenObject>;
  /** The objects below a prefix (which ends in `/` or is empty), in order of their keys' bytes (`compareKeys`). */
  list(prefix: string, options?: { readonly after?: string }): AsyncIterable<ListedObject>;
  /**
   * The names of the folders right below a prefix (which ends in `/` or is empty), without the slash, in the order of the
   * keys in them (`a-b` before `a`, as `a-b/` comes before `a/`).
   */
  folders(prefix: string, options?: { readonly after?: string }): AsyncIterable<string>;
  /**
   * Replaces an object's tags, all of them, and moves its `lastModified` to now; bytes and type stay. null where there is none.
   * Its etag may change.
   */
  tag(key: string, tags: Tags, options: TagOptions): Promise<WrittenObject | null>;
  /**
   * The keys below a prefix that carry a tag of this value, in no order. What was written seconds ago may be missing.
   * @throws StoreError `unsupported` where `tagSearch` is not a capability.
   */
  find(prefix: string, tag: { readonly name: string; readonly value: string }): AsyncIterable<string>;
  /**
   * Erases everything that the store keeps of a key beside the object that is there now: versions, snapshots, soft-deleted
   * copies, delete markers. The present object stays.
   */
  purge(key: string): Promise<Purge>;
  /** Asks the store how it is set up. Empty where there is nothing to ask. */
  settings(): Promise<readonly StoreSetting[]>;
  /** Resolves if the store is there, is the one it was, and takes writes. @throws StoreError that says what is wrong. */
  check(): Promise<void>;
}
