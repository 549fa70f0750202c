export type StoreErrorKind =
  /** The condition of a conditional call does not hold (409, 412). */
  | 'condition-failed'
  | 'not-found'
  | 'invalid-range'
  /** A key that no store may hold. */
  | 'invalid-key'
  /** The store cannot do this at all; see its capabilities. */
  | 'unsupported'
  /** No room left. */
  | 'full'
  /** The store, its mount or its network is not there. */
  | 'unavailable'
  /** The store asks to slow down, or two writers met and neither won. */
  | 'busy'
  | 'timeout'
  | 'permission-denied'
  /** What is stored is not what was written. */
  | 'corrupt'
  | 'unknown';

const RETRYABLE: ReadonlySet<StoreErrorKind> = new Set([
  'full',
  'unavailable',
  'busy',
  'timeout',
  'permission-denied',
  'unknown',
]);

/** The keyed hash in the key of an entry of the caller index (CONTRACT section 4). */
const CALLER_HASH = /(?<=\bcaller_id\/)[^/\s]+/g;

/** The name of what was staged (CONTRACT section 4): its publisher chose it. */
const STAGED = /^(staging\/[^/]+\/).+$/s;

/**
 * Without the keyed hashes of callers and the names of what was staged: messages reach logs, and whoever has the hash key could tell from one who
 * called.
 */
function masked(text: string, key: string | null): string {
  const folder = STAGED.exec(key ?? '')?.[1];
  const unnamed = key === null || folder === undefined ? text : text.replaceAll(key, () => `${folder}***`);
  return unnamed.replaceAll(CALLER_HASH, '***');
}

/** What went wrong at a store: which operation, on which key, whether trying again may help, and the client's own error as `cause`. The key in its message is masked. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly kind: StoreErrorKind;
  readonly operation: string;
  readonly key: string | null;
  readonly retryable: boolean;
  /** How long the store asks to be left alone, in ms; null where it does not say. */
  readonly retryAfterMs: number | null;

  constructor(
    kind: StoreErrorKind,
    operation: string,
    key: string | null,
    message: string,
    options?: { cause?: unknown; retryAfterMs?: number | null },
  ) {
    super(masked(`${operation}${key === null ? '' : ` ${key}`}: ${message}`, key), options);
    this.retryAfterMs = options?.retryAfterMs ?? null;
    this.kind = kind;
    this.operation = operation;
    this.key = key;
    this.retryable = RETRYABLE.has(kind);
  }
}
