import { retryAfterMs } from '../retry-after.ts';
import { StoreError, type StoreErrorKind } from '../store-error.ts';
import { StoreFault } from '../store-fault.ts';

/** Of the service's codes ("Common REST API error codes", "Blob service error codes"), those that mean something to us. */
const KINDS: Readonly<Record<string, StoreErrorKind>> = {
  BlobAlreadyExists: 'condition-failed',
  ConditionNotMet: 'condition-failed',
  TargetConditionNotMet: 'condition-failed',
  BlobNotFound: 'not-found',
  ResourceNotFound: 'not-found',
  InvalidRange: 'invalid-range',
  InvalidResourceName: 'invalid-key',
  InvalidUri: 'invalid-key',
  FeatureNotYetSupportedForHierarchicalNamespaceAccounts: 'unsupported',
  MetadataTooLarge: 'unsupported',
  TagsTooLarge: 'unsupported',
  ContainerNotFound: 'unavailable',
  ContainerBeingDeleted: 'unavailable',
  ContainerDisabled: 'unavailable',
  AccountBeingCreated: 'unavailable',
  AccountIsDisabled: 'unavailable',
  // In the archive, or on its way out of it: there, and not to be read now.
  BlobArchived: 'unavailable',
  BlobBeingRehydrated: 'unavailable',
  // What arrived is not what was sent: the way to the service spoilt it.
  Md5Mismatch: 'unavailable',
  ServerBusy: 'busy',
  OperationTimedOut: 'busy',
  // Somebody else is at the object: a lease, a copy, a snapshot, or another writer whose commit took our blocks away.
  LeaseIdMissing: 'busy',
  LeaseIdMismatchWithBlobOperation: 'busy',
  LeaseLost: 'busy',
  PendingCopyOperation: 'busy',
  SnapshotsPresent: 'busy',
  SnapshotOperationRateExceeded: 'busy',
  SourceConditionNotMet: 'busy',
  InvalidBlockList: 'busy',
  BlobImmutableDueToPolicy: 'permission-denied',
  BlobImmutableDueToLegalHold: 'permission-denied',
  InvalidAuthenticationInfo: 'permission-denied',
};

const KINDS_BY_STATUS: Readonly<Record<number, StoreErrorKind>> = {
  401: 'permission-denied',
  403: 'permission-denied',
  408: 'busy',
  412: 'condition-failed',
  416: 'invalid-range',
  429: 'busy',
  500: 'unavailable',
  502: 'unavailable',
  503: 'busy',
  504: 'unavailable',
};

/** Names of errors of @azure/identity: no token could be had. */
const IDENTITY_ERRORS =
  /^(?:CredentialUnavailableError|AuthenticationError|AggregateAuthenticationError|AuthenticationRequiredError)$/;

const WHAT: Readonly<Record<StoreErrorKind, string>> = {
  'condition-failed': 'the condition does not hold',
  'not-found': 'there is no such object',
  'invalid-range': 'the range is not within the object',
  'invalid-key': 'the service does not take it as a name',
  unsupported: 'the account cannot do this',
  full: 'no room is left',
  unavailable: 'the service, its account or its container is not there, or the way to it is not',
  busy: 'the service asks to slow down, or somebody else is at this object',
  timeout: 'no answer in time',
  'permission-denied': 'the service refuses it: check the credentials, and what they permit',
  corrupt: 'what is stored is not what was written',
  unknown: 'the service failed',
};

/** The service refuses a request whose time is further off ("Authorize with Shared Key"). */
const MAX_SKEW_MS = 15 * 60_000;

/**
 * What the client's error says, without what must not be passed on: its message may be the whole answer, which quotes the signed text
 * with the tags in it, and its request holds the signature.
 */
export class AzureFailure extends Error {
  override readonly name = 'AzureFailure';
  /** HTTP status; null where there was no answer. */
  readonly statusCode: number | null;
  /** The service's code, or the network's. */
  readonly code: string | null;

  constructor(type: string, statusCode: number | null, code: string | null, requestId: string | null) {
    const told = [type, statusCode, code, requestId === null ? null : `request ${requestId}`];
    super(told.filter((part) => part !== null).join(' '));
    this.statusCode = statusCode;
    this.code = code;
  }
}

/** An error as the client throws it, of which nothing is sure. */
interface Thrown {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly statusCode?: unknown;
  readonly response?: { readonly headers?: { get(name: string): string | undefined } };
}

/** The port's error for anything that a call failed with. @param nowMs wall time, ms since the epoch. */
export function storeError(operation: string, key: string | null, error: unknown, nowMs: number): StoreError {
  if (error instanceof StoreError) return error;
  if (error instanceof StoreFault) return new StoreError(error.kind, operation, key, error.message, { cause: error });
  if (!(error instanceof Error)) return new StoreError('unknown', operation, key, WHAT.unknown, { cause: error });
  const thrown: Thrown = error;
  const header = (name: string): string | null => thrown.response?.headers?.get(name) ?? null;
  const code = plain(header('x-ms-error-code')) ?? plain(thrown.code);
  const status = typeof thrown.statusCode === 'number' ? thrown.statusCode : null;
  const kind = kindOf(error.name, status, code);
  const cause = new AzureFailure(error.name, status, code, plain(header('x-ms-request-id')));
  const told = [status, code].filter((part) => part !== null).join(' ');
  const message = `${WHAT[kind]}${told === '' ? '' : ` (${told})`}`;
  return new StoreError(kind, operation, key, message + clockAdvice(kind, header('date'), nowMs), {
    cause,
    retryAfterMs: retryAfterMs(header('retry-after'), nowMs),
  });
}

function kindOf(name: string, status: number | null, code: string | null): StoreErrorKind {
  const known = code === null ? undefined : KINDS[code];
  if (known !== undefined) return known;
  if (status !== null) return copySourceKind(status, code) ?? KINDS_BY_STATUS[status] ?? 'unknown';
  if (IDENTITY_ERRORS.test(name)) return 'permission-denied';
  // Aborts of our own are told before they come here: another is a connection that broke off.
  if (name === 'AbortError') return 'unavailable';
  // The client has errors of the network in this form, with the system's code; what it could not read has another.
  return name === 'RestError' && code !== 'PARSE_ERROR' ? 'unavailable' : 'unknown';
}

/** A copy's source is looked up as by a reader; what that look found is the status. */
const copySourceKind = (status: number, code: string | null): StoreErrorKind | null =>
  code === 'CannotVerifyCopySource' && status === 404 ? 'not-found' : null;

/** A code or an id: anything else might quote what nobody is to read. */
const plain = (value: unknown): string | null =>
  typeof value === 'string' && /^[\w-]{1,100}$/.test(value) ? value : null;

/** Of a refused request: whether the clocks are the reason. */
function clockAdvice(kind: StoreErrorKind, date: string | null, nowMs: number): string {
  if (kind !== 'permission-denied' || date === null) return '';
  const skewMs = nowMs - Date.parse(date);
  if (!(Math.abs(skewMs) > MAX_SKEW_MS)) return '';
  const minutes = Math.round(Math.abs(skewMs) / 60_000);
  return `; the clock here is ${minutes} min ${skewMs > 0 ? 'ahead of' : 'behind'} the service's`;
}
