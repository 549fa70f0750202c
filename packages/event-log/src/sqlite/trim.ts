import { setImmediate } from 'node:timers/promises';
import type { LogFile } from './log-file.ts';
import { Segment } from './segment.ts';
import type { TopicStore } from './topic-store.ts';

/**
 * Removes the records before `boundary`, a segment a turn of the event loop. The segment that the boundary is in is
 * written anew without them, for only whole tables go without leaving bytes behind.
 * @returns how many records went.
 */
export async function removeBefore(file: LogFile, store: TopicStore, boundary: number): Promise<number> {
  let removed = 0;
  for (;;) {
    const [oldest, next] = store.segments;
    if (oldest === undefined || oldest.firstOffset >= boundary) return removed;
    removed += next !== undefined && next.firstOffset <= boundary ? drop(file, store) : dropHead(file, store, boundary);
    await setImmediate();
  }
}

function drop(file: LogFile, store: TopicStore): number {
  const [oldest, ...others] = store.segments;
  if (oldest === undefined) return 0;
  const records = oldest.number('SELECT count(*) FROM $') ?? 0;
  file.transaction(() => oldest.drop());
  store.replace(others);
  return records;
}

function dropHead(file: LogFile, store: TopicStore, boundary: number): number {
  const [oldest, ...others] = store.segments;
  if (oldest === undefined) return 0;
  const records = oldest.number('SELECT count(*) FROM $ WHERE offset < ?', boundary) ?? 0;
  const rest = file.transaction(() => {
    const segment = Segment.create(file, store.id, boundary);
    segment.copyTail(oldest, boundary);
    oldest.drop();
    return segment;
  });
  rest.measure();
  store.replace([rest, ...others]);
  return records;
}
