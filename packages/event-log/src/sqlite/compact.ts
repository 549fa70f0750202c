import { setImmediate } from 'node:timers/promises';
import { MAX_COMPACTION_KEYS, MAX_SEGMENT_RECORDS } from './limits.ts';
import type { LogFile } from './log-file.ts';
import { Segment } from './segment.ts';
import type { TopicStore } from './topic-store.ts';

/** How far compaction of a topic came; kept in memory, a new process starts over. */
export interface CompactionState {
  /** Records before it were superseded by none of those before it. */
  cleanBefore: number;
  /** When the oldest tombstone that is left may go, ms since the epoch; null for none. */
  tombstoneDueAtMs: number | null;
}

export interface CompactionBounds {
  /** Nothing from here on goes: some group has not handled it. */
  readonly floor: number;
  /** Tombstones taken before it go. */
  readonly tombstoneCutoffMs: number;
  readonly nowMs: number;
}

/**
 * Keeps the last record of each key, and drops tombstones that every reader has had time to see. Works as Kafka's log
 * cleaner does: the last offset of each key of the unclean part is collected, up to a limit of keys at a time, then
 * segments that hold superseded records are written anew.
 * @returns how many records went.
 */
export async function compact(
  file: LogFile,
  store: TopicStore,
  state: CompactionState,
  bounds: CompactionBounds,
): Promise<number> {
  const end = store.nextOffset;
  let removed = 0;
  for (;;) {
    const pass = await lastOfKeys(store, state.cleanBefore, end);
    removed += await rewriteSegments(file, store, state, bounds, pass);
    // What was superseded but not handled yet must be looked at again.
    state.cleanBefore = Math.min(pass.upTo, Math.max(state.cleanBefore, bounds.floor));
    if (pass.upTo >= end || pass.upTo > bounds.floor) return removed;
  }
}

/** Whether a run could find anything to do. */
export function needsCompaction(store: TopicStore, state: CompactionState, bounds: CompactionBounds): boolean {
  if (state.tombstoneDueAtMs !== null && state.tombstoneDueAtMs <= bounds.nowMs) return true;
  return store.nextOffset > state.cleanBefore;
}

interface Pass {
  /** The last offset of each key between where the pass began and `upTo`. */
  readonly last: ReadonlyMap<string, number>;
  readonly upTo: number;
}

async function lastOfKeys(store: TopicStore, from: number, end: number): Promise<Pass> {
  const last = new Map<string, number>();
  const { segments } = store;
  for (const [index, segment] of segments.entries()) {
    if ((segments[index + 1]?.firstOffset ?? Infinity) <= from) continue;
    for (const { offset, key } of segment.keys()) {
      if (offset < from || key === null) continue;
      if (offset >= end || (last.size >= MAX_COMPACTION_KEYS && !last.has(key))) return { last, upTo: offset };
      last.set(key, offset);
    }
    await setImmediate();
  }
  return { last, upTo: end };
}

async function rewriteSegments(
  file: LogFile,
  store: TopicStore,
  state: CompactionState,
  bounds: CompactionBounds,
  { last, upTo }: Pass,
): Promise<number> {
  let removed = 0;
  let tombstoneDueAtMs: number | null = null;
  for (const segment of store.segments) {
    if (segment.firstOffset >= upTo) break;
    const kept: number[] = [];
    let dropped = 0;
    for (const { offset, key, tombstone, appendedAt } of segment.keys()) {
      const superseded = key !== null && (last.get(key) ?? -1) > offset;
      // Not beyond the pass: what such a tombstone removes may still be there.
      const expired = tombstone && offset < upTo && appendedAt <= bounds.tombstoneCutoffMs;
      if (offset < bounds.floor && (superseded || expired)) {
        dropped += 1;
        continue;
      }
      kept.push(offset);
      const dueAtMs = bounds.nowMs + (appendedAt - bounds.tombstoneCutoffMs);
      if (tombstone && (tombstoneDueAtMs === null || dueAtMs < tombstoneDueAtMs)) tombstoneDueAtMs = dueAtMs;
    }
    if (dropped > 0) rewrite(file, store, segment, kept);
    removed += dropped;
    await setImmediate();
  }
  state.tombstoneDueAtMs = tombstoneDueAtMs;
  return removed;
}

/** Puts in the segment's place one that has only what is kept, or adds that to the segment before it. */
function rewrite(file: LogFile, store: TopicStore, segment: Segment, kept: readonly number[]): void {
  const index = store.segments.indexOf(segment);
  const isActive = index === store.segments.length - 1;
  const before = isActive ? undefined : store.segments[index - 1];
  const segments = file.transaction(() => {
    const target = kept.length === 0 ? null : targetOf(file, store, segment, before, kept);
    for (const offset of kept) target?.copyOne(segment, offset);
    segment.drop();
    const rewritten = target === null || target === before ? [] : [target];
    // The topic's next offset is read from its last segment: it must not go back when the last record went.
    const endsShort = isActive && kept.at(-1) !== store.nextOffset - 1;
    return endsShort ? [...rewritten, Segment.create(file, store.id, store.nextOffset)] : rewritten;
  });
  store.replace(store.segments.toSpliced(index, 1, ...segments));
}

function targetOf(
  file: LogFile,
  store: TopicStore,
  segment: Segment,
  before: Segment | undefined,
  kept: readonly number[],
): Segment {
  if (before !== undefined) {
    before.measure();
    segment.measure();
    const records = before.records + kept.length;
    if (records <= MAX_SEGMENT_RECORDS && before.bytes + segment.bytes <= store.segmentBytes) return before;
  }
  return Segment.create(file, store.id, segment.firstOffset);
}
