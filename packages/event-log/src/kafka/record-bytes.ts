import type { LogRecord } from '../port.ts';

/** What a record counts for in the bounds of the read-ahead: its value, key and headers, in bytes (text: characters). */
export function recordBytes({ key, value, headers }: Pick<LogRecord, 'key' | 'value' | 'headers'>): number {
  let bytes = (key?.length ?? 0) + (value?.byteLength ?? 0);
  for (const [name, text] of Object.entries(headers)) bytes += name.length + text.length;
  return bytes;
}
