import type { StoreErrorKind } from '../store-error.ts';

/** The words of S3 ("Error responses" of its API reference), and of servers that speak its protocol. */
export const KINDS_OF_CODES: Readonly<Record<string, StoreErrorKind>> = {
  PreconditionFailed: 'condition-failed',
  NoSuchKey: 'not-found',
  NoSuchVersion: 'not-found',
  InvalidRange: 'invalid-range',
  KeyTooLongError: 'invalid-key',
  InvalidURI: 'invalid-key',
  // The Versity gateway keeps objects as files, so a key cannot be a folder of another.
  ObjectParentIsFile: 'invalid-key',
  ExistingObjectIsDirectory: 'invalid-key',
  NotImplemented: 'unsupported',
  MethodNotAllowed: 'unsupported',
  EntityTooLarge: 'unsupported',
  MetadataTooLarge: 'unsupported',
  InvalidTag: 'unsupported',
  QuotaExceeded: 'full',
  XMinioStorageFull: 'full',
  NoSuchBucket: 'unavailable',
  PermanentRedirect: 'unavailable',
  TemporaryRedirect: 'unavailable',
  AuthorizationHeaderMalformed: 'unavailable',
  IllegalLocationConstraintException: 'unavailable',
  InternalError: 'unavailable',
  // The bytes were damaged on their way, and nothing was stored.
  BadDigest: 'unavailable',
  XAmzContentChecksumMismatch: 'unavailable',
  XAmzContentSHA256Mismatch: 'unavailable',
  IncompleteBody: 'unavailable',
  // In an archive: it must be restored first.
  InvalidObjectState: 'unavailable',
  SlowDown: 'busy',
  ServiceUnavailable: 'busy',
  Throttling: 'busy',
  ThrottlingException: 'busy',
  TooManyRequests: 'busy',
  RequestLimitExceeded: 'busy',
  BandwidthLimitExceeded: 'busy',
  // Two writers met, and neither won (or the other one did): made again, it is decided.
  ConditionalRequestConflict: 'busy',
  OperationAborted: 'busy',
  // A sweep or a lifecycle rule took the upload away before it was finished.
  NoSuchUpload: 'busy',
  'KMS.ThrottlingException': 'busy',
  RequestTimeout: 'timeout',
  AccessDenied: 'permission-denied',
  AllAccessDisabled: 'permission-denied',
  AccountProblem: 'permission-denied',
  NotSignedUp: 'permission-denied',
  InvalidAccessKeyId: 'permission-denied',
  // What the Versity gateway says of an unknown access key, with 404.
  XAdminUserNotFound: 'permission-denied',
  SignatureDoesNotMatch: 'permission-denied',
  ExpiredToken: 'permission-denied',
  InvalidToken: 'permission-denied',
  TokenRefreshRequired: 'permission-denied',
  RequestTimeTooSkewed: 'permission-denied',
  'KMS.AccessDeniedException': 'permission-denied',
  'KMS.DisabledException': 'permission-denied',
  'KMS.InvalidStateException': 'permission-denied',
  'KMS.KMSInvalidStateException': 'permission-denied',
  'KMS.NotFoundException': 'permission-denied',
};

/** Refused with one of these, a request may be right with credentials that were read anew. */
export const REFUSED_CREDENTIALS: readonly string[] = [
  'InvalidAccessKeyId',
  'XAdminUserNotFound',
  'SignatureDoesNotMatch',
  'ExpiredToken',
  'InvalidToken',
  'TokenRefreshRequired',
];

/** Where a server has no word for it, or one that is not known. */
export const KINDS_OF_STATUSES: Readonly<Record<number, StoreErrorKind>> = {
  301: 'unavailable',
  307: 'unavailable',
  401: 'permission-denied',
  403: 'permission-denied',
  // What is not there is told by a word; without one it is something between us and the store that has no such page.
  404: 'unavailable',
  405: 'unsupported',
  408: 'timeout',
  409: 'busy',
  412: 'condition-failed',
  416: 'invalid-range',
  429: 'busy',
  500: 'unavailable',
  501: 'unsupported',
  502: 'unavailable',
  503: 'busy',
  504: 'timeout',
  507: 'full',
};

/** The codes of system calls, and Node's own. */
export const KINDS_OF_ERRNOS: Readonly<Record<string, StoreErrorKind>> = {
  ECONNREFUSED: 'unavailable',
  ECONNRESET: 'unavailable',
  ECONNABORTED: 'unavailable',
  EPIPE: 'unavailable',
  EPROTO: 'unavailable',
  ENOTFOUND: 'unavailable',
  EAI_AGAIN: 'unavailable',
  EAI_FAIL: 'unavailable',
  EHOSTDOWN: 'unavailable',
  EHOSTUNREACH: 'unavailable',
  ENETDOWN: 'unavailable',
  ENETUNREACH: 'unavailable',
  ENOTCONN: 'unavailable',
  ERR_STREAM_PREMATURE_CLOSE: 'unavailable',
  HPE_INVALID_CONSTANT: 'unavailable',
  ETIMEDOUT: 'timeout',
  EMFILE: 'busy',
  ENFILE: 'busy',
  ENOMEM: 'busy',
  ENOBUFS: 'busy',
  EADDRNOTAVAIL: 'busy',
};

export const ADVICE: Readonly<Partial<Record<StoreErrorKind, string>>> = {
  'condition-failed': 'the condition does not hold',
  'not-found': 'there is no such object',
  'invalid-range': 'the range is not within the object',
  'invalid-key': 'the store takes no such key',
  unsupported: 'the store cannot do this',
  full: 'no room is left in the store',
  unavailable: 'the store failed',
  busy: 'the store asks to slow down, or another writer was in the way',
  timeout: 'the store did not answer in time',
  'permission-denied': 'the store refuses it: check the credentials and their rights',
};
