/** An object that is to be put where none is. */
export interface NewObject {
  readonly key: string;
  readonly body: Uint8Array;
  readonly contentType: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** What a store comes down to for whoever goes without an adapter: the client's own calls, with the same bytes, tags and condition. */
export interface BareStore {
  /** @throws whatever the client throws, also where there is an object under the key. */
  put(object: NewObject): Promise<unknown>;
  /** The bytes of an object, as they come. @throws whatever the client throws, also where there is none. */
  get(key: string): Promise<AsyncIterable<Uint8Array>>;
  close(): void;
}
