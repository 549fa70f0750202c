import { MwiError, type MwiErrorCode } from '../mwi-error.ts';

/** Primary result codes (https://www.sqlite.org/rescode.html); the upper bits of an extended one say more of the same. */
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;

const KNOWN: Readonly<Record<number, readonly [MwiErrorCode, string]>> = {
  [BUSY]: ['in-use', 'another process has the counts open: one process owns a data folder'],
  [LOCKED]: ['in-use', 'another process has the counts open: one process owns a data folder'],
  [READONLY]: ['unavailable', 'the file of the counts cannot be written: check its permissions'],
  [IOERR]: ['unavailable', 'the disk of the counts fails'],
  [CORRUPT]: ['corrupt', 'the file of the counts is damaged: remove it, the counts are rebuilt from the stores'],
  [FULL]: ['full', 'the disk of the counts is full: make room'],
  [CANTOPEN]: ['unavailable', 'the file of the counts cannot be opened: check its folder'],
  [NOTADB]: ['corrupt', 'the file of the counts is damaged: remove it, the counts are rebuilt from the stores'],
};

/** Says what an error of SQLite means to a caller. */
export function classify(error: unknown): MwiError {
  if (error instanceof MwiError) return error;
  const errcode = error instanceof Error && 'errcode' in error ? Number(error.errcode) : Number.NaN;
  const [code, message] = KNOWN[errcode & 0xff] ?? ['unknown', 'the counts cannot be read or written'];
  return new MwiError(code, message, { cause: error });
}
