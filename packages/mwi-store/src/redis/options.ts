import type { Clock, Ids } from '@voicemail/runtime';

export interface RedisMwiStoreOptions {
  /**
   * `redis://user:password@host:port/database`, or `rediss://` with TLS. One of a single server; some of a cluster's nodes, or all
   * Sentinels. User, password and database are those of the first, and of the servers themselves.
   */
  readonly urls: readonly [string, ...string[]];
  /** What answers at the urls: the server itself unless told, nodes of a cluster, or Sentinels that know it by a name. */
  readonly topology?: 'single' | 'cluster' | { readonly sentinelName: string };
  /**
   * Holds the password, in place of the one in the url. Read again at each attempt to connect, so that it can be changed; for a cluster
   * it is read at the start alone.
   */
  readonly passwordFile?: string | null;
  /** Holds the Sentinels' own password, where they ask for one. */
  readonly sentinelPasswordFile?: string | null;
  /** PEM certificates of the authorities that are trusted, in place of the well-known ones. */
  readonly authoritiesFile?: string | null;
  /** How long a call waits for one answer of a server. 2 s unless told. */
  readonly requestTimeoutMs?: number;
  readonly clock: Clock;
  readonly ids: Ids;
}
