export type LogErrorCode =
  | 'unavailable'
  | 'full'
  | 'too-large'
  | 'unknown-topic'
  | 'in-use'
  | 'incompatible'
  /** Another member of the group has the partition: whoever gets its records does it. */
  | 'fenced'
  | 'closed'
  | 'unknown';

const RETRYABLE: ReadonlySet<LogErrorCode> = new Set(['unavailable', 'full', 'unknown']);

/** What went wrong at the log. The message says what to do; `cause` is the client's own error. */
export class LogError extends Error {
  override readonly name = 'LogError';
  readonly code: LogErrorCode;
  /** Whether the same call may succeed later without anybody changing it. */
  readonly retryable: boolean;

  constructor(code: LogErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.retryable = RETRYABLE.has(code);
  }
}
