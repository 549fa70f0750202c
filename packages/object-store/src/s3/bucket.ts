import { setImmediate as turn } from 'node:timers/promises';
import { S3 } from '@aws-sdk/client-s3';
import type { Clock } from '@voicemail/runtime';
import { refusalOf } from './classify.ts';
import { StoreFault } from '../store-fault.ts';
import { credentials as credentialsOf } from './credentials.ts';
import { REFUSED_CREDENTIALS } from './error-codes.ts';
import type { S3StoreOptions } from './options.ts';
import { turns, type Turns } from './turns.ts';

const REQUEST_TIMEOUT_MS = 60_000;
/** A request with what was read anew after a refusal, and once more where only half of it was new. */
const MAX_ATTEMPTS = 3;
/** Of one store. */
const CONNECTIONS = {
  /** More than a process has in flight: a reader that has not begun holds one, and must not keep others from theirs. */
  maxSockets: 256,
  /** How long one is kept without use: S3 closes it before long, and a request on one that is just being closed fails. */
  timeout: 5_000,
  /** By how much sooner than a server that says when it will. */
  agentKeepAliveTimeoutBuffer: 3_000,
};

/** What a request is made with, beside its input. */
export interface RequestOptions {
  readonly abortSignal: AbortSignal;
}

/** Makes a request, in time, with the credentials of the moment. Rejects with the SDK's own errors and StoreFaults. */
export type Ask = <T>(request: (s3: S3, options: RequestOptions) => Promise<T>) => Promise<T>;

/** The bucket, or the part of one, that is the store, and the way there. */
export interface Bucket {
  readonly ask: Ask;
  readonly name: string;
  readonly prefix: string;
  /** What every request about an object names. */
  readonly at: (key: string) => { readonly Bucket: string; readonly Key: string };
  /** What every request that writes an object says of its encryption. */
  readonly encryption: {
    readonly ServerSideEncryption?: 'aws:kms';
    readonly SSEKMSKeyId?: string;
    readonly BucketKeyEnabled?: true;
  };
  readonly turns: Turns;
  readonly clock: Clock;
  readonly close: () => void;
}

/** @throws TypeError when the prefix is neither empty nor ends in `/`. */
export function openBucket(options: S3StoreOptions): Bucket {
  const { bucket: name, prefix, endpoint, clock, kmsKeyId, requestTimeoutMs = REQUEST_TIMEOUT_MS } = options;
  if (prefix !== '' && !prefix.endsWith('/')) throw new TypeError('the prefix of a store is empty or ends in "/"');
  const region = options.region ?? (endpoint === null ? null : 'us-east-1');
  const credentials = credentialsOf(options.credentialsFile, clock);
  const s3 = new S3({
    forcePathStyle: options.forcePathStyle,
    // Trying again is a layer's.
    maxAttempts: 1,
    // What stands between a request and the wire is put together once, and not for each.
    cacheMiddleware: true,
    ...(region === null ? {} : { region }),
    ...(endpoint === null ? {} : { endpoint }),
    // The SDK remembers what does not end. What has ended it asks for again, before each request.
    credentials: async () => ({ ...(await credentials.present()), expiration: new Date(0) }),
    requestHandler: { httpAgent: CONNECTIONS, httpsAgent: CONNECTIONS, socketTimeout: 0 },
  });

  /** Waits no longer, also for what heeds no signal: a secret on a mount that hangs. */
  const inTime = async <T>(work: (late: AbortSignal) => Promise<T>): Promise<T> => {
    const late = new AbortController();
    const tooLate = Promise.withResolvers<never>();
    const end = clock.after(requestTimeoutMs, () => {
      late.abort();
      tooLate.reject(new StoreFault('timeout', `no answer within ${requestTimeoutMs} ms`));
    });
    try {
      return await Promise.race([work(late.signal), tooLate.promise]);
    } catch (error) {
      // What was ended may say so before.
      throw late.signal.aborted ? await tooLate.promise.catch((timeout: unknown) => timeout) : error;
    } finally {
      end();
    }
  };

  return {
    ask: async (request) => {
      for (let attempt = 1; ; attempt++) {
        const signed = credentials.atHand() ?? (await inTime(() => credentials.present()));
        await closedSeen();
        try {
          return await inTime((abortSignal) => request(s3, { abortSignal }));
        } catch (error) {
          if (attempt === MAX_ATTEMPTS) throw error;
          const isWorthwhile = isClockCorrected(error)
            ? attempt === 1
            : isOfCredentials(error) && (await inTime(() => credentials.changedSince(signed)));
          if (!isWorthwhile) throw error;
        }
      }
    },
    name,
    prefix,
    at: (key) => ({ Bucket: name, Key: prefix + key }),
    encryption:
      kmsKeyId === undefined || kmsKeyId === null
        ? {}
        : { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: kmsKeyId, BucketKeyEnabled: true },
    clock,
    turns: turns(),
    close: () => s3.destroy(),
  };
}

/**
 * A process that was busy for a while may hold connections that the server has closed since. They are let go of when the event
 * loop looks at them: at the end of its next turn, since this one's look may be over.
 */
async function closedSeen(): Promise<void> {
  await turn();
  await turn();
}

/** A refused time makes the SDK sign by the server's clock from then on. */
function isClockCorrected(error: unknown): boolean {
  return refusalOf(error)?.code === 'RequestTimeTooSkewed';
}

/** An answer to a `HEAD` has no word for it, so any refusal may be one of the credentials. */
function isOfCredentials(error: unknown): boolean {
  const refusal = refusalOf(error);
  if (refusal === null) return false;
  const { code, status } = refusal;
  return code === null ? status === 400 || status === 401 || status === 403 : REFUSED_CREDENTIALS.includes(code);
}
