import type { LogRecord, TopicSettings } from '../port.ts';
import { MAX_PREPARED_SEGMENTS, MAX_SEGMENT_RECORDS } from './limits.ts';
import type { LogFile } from './log-file.ts';
import { Segment, type RecordHead, type Row } from './segment.ts';

/** The records of one topic: a row of segments, the last of which is added to. One partition, offsets from 0. */
export class TopicStore {
  readonly id: number;
  readonly settings: TopicSettings;
  #segments: readonly Segment[] = [];
  #nextOffset = 0;
  #spoiled = false;
  readonly #file: LogFile;
  /** Bytes after which the topic goes on in a new segment. */
  readonly segmentBytes: number;
  readonly #prepared = new Set<Segment>();

  constructor(file: LogFile, id: number, settings: TopicSettings, segmentBytes: number) {
    this.#file = file;
    this.id = id;
    this.settings = settings;
    this.segmentBytes = segmentBytes;
  }

  /** Oldest first; never empty. Replaced, not changed, so that a loop over it may await. */
  get segments(): readonly Segment[] {
    if (this.#spoiled) this.reload();
    return this.#segments;
  }

  /** What the next record gets. */
  get nextOffset(): number {
    if (this.#spoiled) this.reload();
    return this.#nextOffset;
  }

  /** A transaction that changed this topic came to nothing: what is known of it is wrong until it is read again. */
  spoil(): void {
    this.#spoiled = true;
  }

  /** Learns from the file what there is. */
  reload(): void {
    for (const segment of this.#segments) segment.release();
    this.#prepared.clear();
    this.#segments = this.#file
      .all('SELECT id, first_offset FROM segments WHERE topic = ? ORDER BY first_offset, id', this.id)
      .map((row) => new Segment(this.#file, Number(row['id']), Number(row['first_offset'])));
    const active = this.#segments.at(-1);
    if (active !== undefined) {
      const last = active.number('SELECT max(offset) FROM $');
      this.#nextOffset = last === null ? active.firstOffset : last + 1;
      active.measure();
    }
    this.#spoiled = false;
  }

  /** Makes the first segment of a new topic. Inside a transaction. */
  begin(): void {
    this.#segments = [Segment.create(this.#file, this.id, 0)];
  }

  /** Takes over what a transaction did to the segments, once it is committed. */
  replace(segments: readonly Segment[]): void {
    this.#segments = segments;
  }

  /** Inside a transaction; after one that failed, `spoil`. */
  append(row: Row, bytes: number): number {
    let active = this.segments.at(-1);
    if (active === undefined || active.bytes >= this.segmentBytes || active.records >= MAX_SEGMENT_RECORDS) {
      active?.release();
      active = Segment.create(this.#file, this.id, this.nextOffset);
      this.#segments = [...this.#segments, active];
    }
    const offset = this.nextOffset;
    active.insert(offset, row);
    active.bytes += bytes;
    active.records += 1;
    this.#nextOffset = offset + 1;
    return offset;
  }

  /** Up to `limit` records from `fromOffset` on; fewer only at the end. */
  heads(fromOffset: number, limit: number): RecordHead[] {
    const heads: RecordHead[] = [];
    for (let index = this.#indexOf(fromOffset); index < this.segments.length && heads.length < limit; index += 1) {
      const segment = this.#use(this.segments[index]);
      if (segment !== undefined) heads.push(...segment.heads(fromOffset, limit - heads.length));
    }
    return heads;
  }

  /** Undefined when it has been cleaned away. */
  get(offset: number): LogRecord | undefined {
    return this.#use(this.segments[this.#indexOf(offset)])?.get(this.settings.name, offset);
  }

  /**
   * Records from an existing one on. Counts the offsets, without reading: where compaction has taken records, it says
   * more than there are, as the lag of a compacted topic does anywhere.
   */
  count(fromOffset: number): number {
    return this.nextOffset - fromOffset;
  }

  /** The index of the segment that holds the offset, or would. */
  #indexOf(offset: number): number {
    let low = 0;
    let high = this.segments.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.segments[middle]?.firstOffset ?? Infinity) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Keeps the statements of the segments read last, and no more: a large backlog has thousands of segments. */
  #use(segment: Segment | undefined): Segment | undefined {
    if (segment === undefined || segment === this.segments.at(-1)) return segment;
    this.#prepared.delete(segment);
    this.#prepared.add(segment);
    if (this.#prepared.size > MAX_PREPARED_SEGMENTS) {
      const [oldest] = this.#prepared;
      if (oldest !== undefined) {
        oldest.release();
        this.#prepared.delete(oldest);
      }
    }
    return segment;
  }
}
