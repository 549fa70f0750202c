import type { TopicStore } from './topic-store.ts';

/**
 * The offset before which every record is as old as `cutoffMs` or older.
 *
 * Append times follow the wall clock, which may have been set back. A record that seems to come from the future is as
 * old as whatever was appended after it, so it does not keep older ones; but nothing that is younger than the cutoff
 * by its own time is passed.
 */
export function ageBoundary(store: TopicStore, cutoffMs: number, nowMs: number): number {
  let boundary = store.segments[0]?.firstOffset ?? 0;
  for (const segment of store.segments) {
    const young = segment.number(
      'SELECT offset FROM $ WHERE appended_at > ? AND appended_at <= ? ORDER BY offset LIMIT 1',
      cutoffMs,
      nowMs,
    );
    const old = segment.number(
      'SELECT max(offset) FROM $ WHERE appended_at <= ? AND offset < ?',
      cutoffMs,
      young ?? Number.MAX_SAFE_INTEGER,
    );
    if (old !== null) boundary = old + 1;
    if (segment !== store.segments.at(-1)) segment.release();
    if (young !== null) break;
  }
  return boundary;
}
