import { StoreError } from './store-error.ts';

/** Bytes of a whole key in UTF-8: what S3 and Azure Blob Storage take. */
const MAX_KEY_BYTES = 1024;
// A control character cannot be carried by the XML of the cloud stores' listings.
// oxlint reads a control character in a pattern as a slip, so the test is on code points.
const isControl = (char: string): boolean => char < ' ' || char === '\u007f';

function fault(key: string): string | null {
  if (key === '') return 'a key is not empty';
  if (!key.isWellFormed()) return 'a key is well-formed Unicode text';
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) return `a key has at most ${MAX_KEY_BYTES} bytes`;
  if ([...key].some(isControl)) return 'a key holds no control character';
  if (key.split('/').some((segment) => segment === '' || segment === '.' || segment === '..')) {
    return 'a key holds no empty, "." or ".." segment';
  }
  return null;
}

/** Whether a store may hold it: what others put into a bucket need not be a key. */
export const isKey = (key: string): boolean => fault(key) === null;

/** @throws StoreError `invalid-key` for a key that no store may hold. */
export function checkKey(operation: string, key: string): void {
  const found = fault(key);
  if (found !== null) throw new StoreError('invalid-key', operation, JSON.stringify(key), found);
}

/** @throws StoreError `invalid-key` for a prefix that is not empty and is not a key followed by `/`. */
export function checkPrefix(operation: string, prefix: string): void {
  if (prefix === '') return;
  const found = prefix.endsWith('/') ? fault(prefix.slice(0, -1)) : 'a prefix is empty or ends in "/"';
  if (found !== null) throw new StoreError('invalid-key', operation, JSON.stringify(prefix), found);
}

// UTF-16 puts the surrogates below U+E000, UTF-8 puts what they stand for above.
const rank = (unit: number): number => (unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit);

/** The order of every listing: that of the keys' bytes in UTF-8, as on S3. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}
