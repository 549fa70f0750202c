import { retryAfterMs } from '../retry-after.ts';
import { StoreError, type StoreErrorKind } from '../store-error.ts';
import { StoreFault } from '../store-fault.ts';
import { ADVICE, KINDS_OF_CODES, KINDS_OF_ERRNOS, KINDS_OF_STATUSES } from './error-codes.ts';

/** What a server said in place of doing it; null where the error is not a server's. */
export interface Refusal {
  /** Its word for it; null where it had none, as in every answer to a `HEAD`. */
  readonly code: string | null;
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * What the SDK's error says of an answer, without the server's own text: that may repeat what was sent.
 */
export class S3Failure extends Error {
  override readonly name = 'S3Failure';
  /** HTTP status; null where the answer could not be read so far. */
  readonly status: number | null;
  /** The server's word for it. */
  readonly code: string | null;
  /** What its operators find the request by. */
  readonly requestId: string | null;

  constructor(status: number | null, code: string | null, requestId: string | null) {
    const told = [status, code, requestId === null ? null : `request ${requestId}`];
    super(told.filter((part) => part !== null).join(' '));
    this.status = status;
    this.code = code;
    this.requestId = requestId;
  }
}

interface Answered extends Error {
  readonly $metadata: { readonly httpStatusCode?: number; readonly requestId?: unknown };
  readonly Code?: unknown;
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

const isAnswered = (error: unknown): error is Answered =>
  error instanceof Error && '$metadata' in error && typeof error.$metadata === 'object' && error.$metadata !== null;

export function refusalOf(error: unknown): Refusal | null {
  if (!isAnswered(error)) return null;
  const { httpStatusCode: status } = error.$metadata;
  if (status === undefined) return null;
  return { code: plain(error.Code), status, headers: error.$response?.headers ?? {} };
}

/** A word or an id: anything else might quote what nobody is to read. */
const plain = (value: unknown): string | null =>
  typeof value === 'string' && /^[\w.+/=-]{1,100}$/.test(value) ? value : null;

/** Whether a server refused with one of these words. */
export function isRefusal(error: unknown, ...codes: readonly string[]): boolean {
  const code = refusalOf(error)?.code ?? null;
  return code !== null && codes.includes(code);
}

/** The code of a failed system call, or of Node's; null for any other error. */
function errno(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** The kind of anything that a request failed with. */
export function kindOf(error: unknown): StoreErrorKind {
  if (error instanceof StoreError || error instanceof StoreFault) return error.kind;
  const refusal = refusalOf(error);
  if (refusal !== null) {
    const { code, status } = refusal;
    return (code === null ? undefined : KINDS_OF_CODES[code]) ?? KINDS_OF_STATUSES[status] ?? 'unknown';
  }
  const code = errno(error);
  if (code !== null) return KINDS_OF_ERRNOS[code] ?? (isOfTls(code) ? 'unavailable' : 'unknown');
  const { name, message } = error instanceof Error ? error : { name: '', message: '' };
  if (name === 'TimeoutError') return 'timeout';
  if (message === NO_REGION) return 'permission-denied';
  if (name === 'CredentialsProviderError') return 'permission-denied';
  return 'unknown';
}

/** What the SDK says, without a code, where it was told no region and finds none. Like missing credentials it waits for somebody. */
const NO_REGION = 'Region is missing';

/** A certificate that is not believed, or no TLS where it was expected. */
const isOfTls = (code: string): boolean =>
  /^(?:ERR_TLS_|ERR_SSL_|CERT_|SELF_SIGNED_|UNABLE_TO_|DEPTH_ZERO_)/.test(code);

/**
 * The port's error for anything that a call failed with. A server's own text is passed on nowhere, also not in the cause.
 */
export function storeError(operation: string, key: string | null, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const kind = kindOf(error);
  return new StoreError(kind, operation, key, messageOf(kind, error), {
    cause: causeOf(error),
    retryAfterMs: askedMs(error),
  });
}

function causeOf(error: unknown): unknown {
  if (error instanceof StoreFault && error.cause !== undefined) {
    return new StoreFault(error.kind, error.message, { cause: causeOf(error.cause) });
  }
  if (!isAnswered(error)) return error;
  const { httpStatusCode = null, requestId } = error.$metadata;
  return new S3Failure(httpStatusCode, plain(error.Code) ?? plain(error.name), plain(requestId));
}

function messageOf(kind: StoreErrorKind, error: unknown): string {
  if (error instanceof StoreFault) return error.message;
  const refusal = refusalOf(error);
  if (refusal === null) {
    if (error instanceof Error && error.message === NO_REGION) return 'no region is known: name one, or set AWS_REGION';
    const code = errno(error);
    return code === null
      ? (NOT_ANSWERED[kind] ?? ADVICE[kind] ?? 'the store failed')
      : `${NOT_ANSWERED[kind] ?? 'the store failed'} (${code})`;
  }
  const { code, status, headers } = refusal;
  const what = (code === null ? undefined : adviceOf(code, headers)) ?? ADVICE[kind] ?? 'the store failed';
  return `${what} (${code === null ? '' : `${code}, `}${status})`;
}

/** What to say where no server has answered. */
const NOT_ANSWERED: Readonly<Partial<Record<StoreErrorKind, string>>> = {
  unavailable: 'the store cannot be reached: check its endpoint and the network',
  timeout: 'the store did not answer in time',
  busy: 'this process is short of what it needs to reach the store',
  'permission-denied': 'no credentials were found: name a credentials file, or give this process an identity',
};

function adviceOf(code: string, headers: Refusal['headers']): string | undefined {
  switch (code) {
    case 'NoSuchBucket':
      return 'there is no such bucket';
    case 'PermanentRedirect':
    case 'AuthorizationHeaderMalformed':
    case 'IllegalLocationConstraintException': {
      const region = headers['x-amz-bucket-region'];
      return region === undefined
        ? 'the bucket is of another region: check `region`'
        : `the bucket is of region ${region}: set \`region\` to it`;
    }
    case 'RequestTimeTooSkewed': {
      const theirs = headers['date'];
      return `this machine's clock is not right${theirs === undefined ? '' : `, the store's says ${theirs}`}: check that it is synchronised`;
    }
    case 'InvalidAccessKeyId':
    case 'XAdminUserNotFound':
      return 'the store does not know the access key';
    case 'SignatureDoesNotMatch':
      return 'the secret key is not that of the access key';
    case 'ExpiredToken':
      return 'the credentials have expired';
    default:
      return code.startsWith('KMS.')
        ? 'the KMS key cannot be used: check that it is enabled, and the right to it'
        : undefined;
  }
}

/** Its date is held against its own clock. */
function askedMs(error: unknown): number | null {
  const headers = refusalOf(error)?.headers ?? {};
  return retryAfterMs(headers['retry-after'] ?? null, Date.parse(headers['date'] ?? ''));
}
