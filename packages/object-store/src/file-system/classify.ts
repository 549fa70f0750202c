import { StoreError, type StoreErrorKind } from '../store-error.ts';
import { StoreFault } from '../store-fault.ts';

const KINDS: Readonly<Record<string, StoreErrorKind>> = {
  ENOSPC: 'full',
  EDQUOT: 'full',
  EACCES: 'permission-denied',
  EPERM: 'permission-denied',
  EROFS: 'permission-denied',
  // The device, the server or the way to it; ENOENT only reaches here when what the store itself made is not there.
  EIO: 'unavailable',
  ENOENT: 'unavailable',
  ENOTDIR: 'unavailable',
  ESTALE: 'unavailable',
  ENODEV: 'unavailable',
  ENXIO: 'unavailable',
  ENOTCONN: 'unavailable',
  ECONNRESET: 'unavailable',
  ECONNREFUSED: 'unavailable',
  EHOSTDOWN: 'unavailable',
  EHOSTUNREACH: 'unavailable',
  ENETDOWN: 'unavailable',
  ENETUNREACH: 'unavailable',
  ESHUTDOWN: 'unavailable',
  EREMOTEIO: 'unavailable',
  ETIMEDOUT: 'timeout',
  EMFILE: 'busy',
  ENFILE: 'busy',
  ENOMEM: 'busy',
  ENOBUFS: 'busy',
  EAGAIN: 'busy',
  EBUSY: 'busy',
  EINTR: 'busy',
  ENOLCK: 'busy',
  EDEADLK: 'busy',
  ENAMETOOLONG: 'invalid-key',
};

const ADVICE: Readonly<Partial<Record<StoreErrorKind, string>>> = {
  full: 'no room is left on the volume',
  'permission-denied': 'the volume refuses it: check its owner and mode, and that it is not mounted read-only',
  unavailable: 'the volume does not answer: check that it is mounted',
  timeout: 'the volume did not answer in time',
  busy: 'the process or the volume is short of what it needs for this',
};

/** The errno of a failed system call, or null for any other error. */
export function errno(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** Whether a call failed because a name is, or is not, there. */
export function isErrno(error: unknown, ...codes: readonly string[]): boolean {
  const code = errno(error);
  return code !== null && codes.includes(code);
}

/** The port's error for anything that a call failed with. */
export function storeError(operation: string, key: string | null, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  if (error instanceof StoreFault) return new StoreError(error.kind, operation, key, error.message, { cause: error });
  const code = errno(error);
  const kind = (code === null ? undefined : KINDS[code]) ?? 'unknown';
  const what = ADVICE[kind] ?? 'the volume failed';
  return new StoreError(kind, operation, key, code === null ? what : `${what} (${code})`, { cause: error });
}
