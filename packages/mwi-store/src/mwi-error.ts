export type MwiErrorCode = 'in-use' | 'full' | 'unavailable' | 'refused' | 'corrupt' | 'closed' | 'unknown';

const RETRYABLE: ReadonlySet<MwiErrorCode> = new Set(['full', 'unavailable', 'unknown']);

/** What went wrong at the counts' store. The message says what to do; `cause` is the client's own error. */
export class MwiError extends Error {
  override readonly name = 'MwiError';
  readonly code: MwiErrorCode;
  /** Whether the same call may succeed later without anybody changing it. */
  readonly retryable: boolean;

  constructor(code: MwiErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.retryable = RETRYABLE.has(code);
  }
}
