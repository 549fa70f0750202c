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

/** What went wrong at a store: which operation, on which key, whether trying again may help, and the client's own error as `cause`. */
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
    super(`${operation}${key === null ? '' : ` ${key}`}: ${message}`, options);
    this.retryAfterMs = options?.retryAfterMs ?? null;
    this.kind = kind;
    this.operation = operation;
    this.key = key;
    this.retryable = RETRYABLE.has(kind);
  }
}
