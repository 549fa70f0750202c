/** The calls that forgetting comes to, without an adapter's layers: on a volume those of the port, on S3 the client's own. */
export interface BareCalls {
  /** Keys below a prefix. */
  list(prefix: string): AsyncIterable<string>;
  /** The etag of an object that was read to its end; null where there is none. */
  get(key: string): Promise<string | null>;
  head(key: string): Promise<unknown>;
  /** @param etag the one that is there; null: there is none. */
  put(key: string, body: Uint8Array, etag: string | null, tags: Readonly<Record<string, string>>): Promise<unknown>;
  tag(key: string, tags: Readonly<Record<string, string>>): Promise<unknown>;
  /** Removes an object, and what the store keeps of it. */
  erase(key: string): Promise<unknown>;
  /** What the store keeps of an object that was replaced; null where it keeps nothing, and nobody has to ask. */
  readonly purge: ((key: string) => Promise<unknown>) | null;
  close(): void;
}
