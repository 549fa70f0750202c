import type { Clock } from '@voicemail/runtime';
import type { StoreOperation } from '../layers/around.ts';
import { StoreError } from '../store-error.ts';
import { closedSeen, type Agents } from './agents.ts';
import { storeError } from './classify.ts';
import { StoreFault } from '../store-fault.ts';
import type { Connection, Credentials } from './connection.ts';
import { readSecret } from './secret-file.ts';

/** How long a secret is used before its file is looked at again. */
const REREAD_MS = 5_000;

/** The way to the service: every request goes through here. */
export interface Account {
  /**
   * Makes one request, with the secret that is in its file now. One that is refused is made once more, if the file has changed since.
   * @throws StoreError
   */
  call<T>(operation: StoreOperation, key: string | null, request: Request<T>): Promise<T>;
  /** Waits for something that has no request of its own, such as the next piece of a body, as long as for a request. */
  within<T>(operation: StoreOperation, key: string | null, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** Ends what is under way, and refuses what comes. */
  close(): void;
}

export type Request<T> = (connection: Connection, signal: AbortSignal) => Promise<T>;

export function account(
  credentials: Credentials,
  agents: Agents,
  { clock, requestTimeoutMs }: { readonly clock: Clock; readonly requestTimeoutMs: number },
): Account {
  const underWay = new Set<AbortController>();
  let isClosed = false;
  let held: { readonly secret: string; readonly connection: Connection } | null = null;
  let rereadAtMs = Number.NEGATIVE_INFINITY;

  /** Reads the file, and connects anew where it has changed. */
  const reread = async (): Promise<Connection> => {
    rereadAtMs = clock.monotonicMs() + REREAD_MS;
    const { file } = credentials;
    const secret = file === null ? '' : await readSecret(file.path, file.form);
    if (held?.secret !== secret) held = { secret, connection: connect(credentials, secret) };
    return held.connection;
  };

  /** The connection, where the file need not be looked at. */
  const atHand = (): Connection | null => (held !== null && clock.monotonicMs() < rereadAtMs ? held.connection : null);

  const present = async (): Promise<Connection> => {
    if (held === null) return reread();
    const { connection } = held;
    // A file that is just being replaced does not take away what still holds; once that is refused, it is told.
    return reread().catch(() => connection);
  };

  const within: Account['within'] = async (operation, key, work) => {
    const aborting = new AbortController();
    const ended = Promise.withResolvers<never>();
    let isLate = false;
    underWay.add(aborting);
    // Not all work heeds the signal: a secret on a mount that hangs.
    aborting.signal.addEventListener('abort', () => ended.reject(aborting.signal.reason), { once: true });
    const end = clock.after(requestTimeoutMs, () => {
      isLate = true;
      aborting.abort();
    });
    try {
      if (isClosed) throw closed();
      return await Promise.race([work(aborting.signal), ended.promise]);
    } catch (error) {
      const known = isClosed ? closed() : isLate ? late(requestTimeoutMs) : error;
      throw storeError(operation, key, known, clock.now());
    } finally {
      end();
      underWay.delete(aborting);
    }
  };

  return {
    within,
    call: async (operation, key, request) => {
      const used = atHand() ?? (await within(operation, key, present));
      await closedSeen();
      try {
        return await within(operation, key, (signal) => request(used, signal));
      } catch (error) {
        if (!isRefused(error)) throw error;
        const fresh = await within(operation, key, reread);
        if (fresh === used) throw error;
        return within(operation, key, (signal) => request(fresh, signal));
      }
    },
    close: () => {
      isClosed = true;
      for (const one of underWay) one.abort();
      agents.destroy();
    },
  };
}

/** @throws StoreFault without the secret, which the client's own error might quote. */
function connect({ connect: make, file }: Credentials, secret: string): Connection {
  try {
    return make(secret);
  } catch (error) {
    const type = error instanceof Error ? error.name : typeof error;
    const told = `the secret file ${file?.path} is not taken by the client (${type}): it is to hold ${file?.form.what}`;
    throw new StoreFault('permission-denied', told);
  }
}

const isRefused = (error: unknown): boolean => error instanceof StoreError && error.kind === 'permission-denied';
const closed = (): StoreFault => new StoreFault('unavailable', 'the store was closed');
const late = (timeoutMs: number): StoreFault => new StoreFault('timeout', `no answer within ${timeoutMs} ms`);
