import { LogError, type LogErrorCode } from '../log-error.ts';

/** Primary result codes (https://www.sqlite.org/rescode.html); the low byte of an extended one. */
const CODES: ReadonlyMap<number, LogErrorCode> = new Map([
  [5, 'in-use'], // SQLITE_BUSY
  [6, 'unavailable'], // SQLITE_LOCKED
  [7, 'unavailable'], // SQLITE_NOMEM
  [8, 'unavailable'], // SQLITE_READONLY
  [10, 'unavailable'], // SQLITE_IOERR
  [13, 'full'], // SQLITE_FULL
  [14, 'unavailable'], // SQLITE_CANTOPEN
  [18, 'too-large'], // SQLITE_TOOBIG
  [26, 'incompatible'], // SQLITE_NOTADB
]);

const ADVICE: Readonly<Partial<Record<LogErrorCode, string>>> = {
  'in-use': 'another process owns the folder; stop that one first',
  full: 'the disk is full; make room and try again',
  incompatible: 'the file is not a log; move it away or name another one',
  unavailable: 'the file cannot be used now; look at the disk and the rights of the file',
};

/** Turns whatever `node:sqlite` or the file system threw into a LogError; what is not known stays `unknown`. */
export function sqliteError(doing: string, error: unknown): LogError {
  if (error instanceof LogError) return error;
  const code = classify(error);
  const reason = error instanceof Error ? error.message : String(error);
  const advice = ADVICE[code];
  return new LogError(code, `${doing}: ${reason}${advice === undefined ? '' : ` (${advice})`}`, { cause: error });
}

function classify(error: unknown): LogErrorCode {
  if (!(error instanceof Error)) return 'unknown';
  if ('errcode' in error && typeof error.errcode === 'number') return CODES.get(error.errcode & 0xff) ?? 'unknown';
  if (!('code' in error)) return 'unknown';
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT') return 'full';
  if (error.code === 'ENOENT' || error.code === 'EACCES' || error.code === 'EROFS' || error.code === 'EIO') {
    return 'unavailable';
  }
  return 'unknown';
}
