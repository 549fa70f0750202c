import type { ByteRange } from '@voicemail/object-store';

/** A single range of bytes; `null`: the whole; `unsatisfiable`: `416`. */
export type RequestedRange = ByteRange | null | 'unsatisfiable';

/**
 * Reads a `Range` header (RFC 9110 §14.2). What is not one valid range of bytes is ignored, as the RFC allows: several ranges,
 * another unit, a first byte after the last.
 * @param size of the whole, in bytes.
 */
export function requestedRange(header: string | undefined, size: number): RequestedRange {
  const found = /^bytes=(\d*)-(\d*)$/i.exec(header?.trim() ?? '');
  const [first, last] = [found?.[1] ?? '', found?.[2] ?? ''];
  if (found === null || (first === '' && last === '')) return null;
  if (first === '') {
    const suffix = Number(last);
    return suffix === 0 || size === 0 ? 'unsatisfiable' : { start: Math.max(0, size - suffix), end: size - 1 };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return null;
  if (start >= size) return 'unsatisfiable';
  return { start, end: last === '' ? size - 1 : Math.min(Number(last), size - 1) };
}
