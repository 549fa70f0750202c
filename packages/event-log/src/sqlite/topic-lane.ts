import type { Clock } from '@voicemail/runtime';
import { Lane } from '../delivery/lane.ts';
import type { LogRecord } from '../port.ts';
import { MAX_PASSED_OVER_RECORDS, PAGE_RECORDS } from './limits.ts';
import type { RecordHead } from './segment.ts';
import type { TopicStore } from './topic-store.ts';

/** The longest that a timer takes (setTimeout: 2^31 - 1 ms); a longer delay is slept in pieces. */
const MAX_SLEEP_MS = 2_147_483_647;

/** Reads one topic ahead for a subscription, and holds back what is not due in a delayed one. */
export class TopicLane {
  readonly store: TopicStore;
  readonly queues: Lane;
  readonly #maxQueued: number;
  readonly #clock: Clock;
  readonly #pauses: AbortSignal;
  readonly #wake: () => void;
  /** The record at which reading stopped because it is not due, and when it will be by the wall clock. */
  #waitingFor: { readonly offset: number; readonly dueAtMs: number } | null = null;
  /** Up to here everything was slept for, and is due even if the wall clock went back meanwhile. */
  #dueOffset = -1;

  constructor(options: {
    readonly store: TopicStore;
    readonly cursor: number;
    /** Records that are read ahead while there is other work. */
    readonly maxQueued: number;
    readonly clock: Clock;
    /** Ends the sleep for a delayed record. */
    readonly pauses: AbortSignal;
    readonly wake: () => void;
  }) {
    this.store = options.store;
    this.queues = new Lane(options.cursor);
    this.#maxQueued = options.maxQueued;
    this.#clock = options.clock;
    this.#pauses = options.pauses;
    this.#wake = options.wake;
  }

  /**
   * Reads one page ahead where there is room. Where handlers are free and nothing is ready because every key that was
   * read is busy or failing, it passes these over and reads on, so that they hold up nobody else.
   * @param starving whether handlers are free.
   * @returns whether it should be called again soon.
   */
  fill(starving: boolean): boolean {
    if (this.queues.cursor >= this.store.nextOffset || this.#isWaiting()) return false;
    const room = this.#room(starving);
    if (room === 0) return false;
    const heads = this.store.heads(this.queues.cursor, room);
    for (const head of heads) {
      if (!this.#isDue(head)) {
        this.#waitFor(head);
        return false;
      }
      this.queues.add(head.offset, head.key, head.bytes);
    }
    if (heads.length < room) this.queues.cursor = this.store.nextOffset;
    return this.queues.cursor < this.store.nextOffset;
  }

  /** How many records to read now. */
  #room(starving: boolean): number {
    const free = this.#maxQueued - this.queues.queued;
    // A page for one free place would be a query for each record.
    if (free >= Math.min(PAGE_RECORDS, this.#maxQueued / 2)) return Math.min(free, PAGE_RECORDS);
    if (!starving || this.queues.hasReady) return 0;
    return Math.max(0, Math.min(free > 0 ? free : free + MAX_PASSED_OVER_RECORDS, PAGE_RECORDS));
  }

  /** Reads the values; those that were cleaned away meanwhile are left out. */
  load(offsets: readonly number[]): readonly LogRecord[] {
    return offsets.flatMap((offset) => this.store.get(offset) ?? []);
  }

  /** The end of what is there and due now. */
  dueEnd(): number {
    let from = this.queues.cursor;
    if (this.store.settings.delayMs === undefined) return this.store.nextOffset;
    for (;;) {
      const heads = this.store.heads(from, PAGE_RECORDS);
      const notDue = heads.find((head) => !this.#isDue(head));
      if (notDue !== undefined) return notDue.offset;
      if (heads.length < PAGE_RECORDS) return this.store.nextOffset;
      from = (heads.at(-1)?.offset ?? from) + 1;
    }
  }

  #isDue(head: RecordHead): boolean {
    return head.offset <= this.#dueOffset || this.#dueAtMs(head) <= this.#clock.now();
  }

  #dueAtMs(head: RecordHead): number {
    return head.appendedAt + (this.store.settings.delayMs ?? -Infinity);
  }

  #isWaiting(): boolean {
    return this.#waitingFor !== null && this.#clock.now() < this.#waitingFor.dueAtMs;
  }

  #waitFor(head: RecordHead): void {
    if (this.#waitingFor?.offset === head.offset) return;
    const delayMs = this.store.settings.delayMs ?? 0;
    // A record that the wall clock, set back since, puts into the future waits for its delay and no longer.
    const waitMs = Math.min(this.#dueAtMs(head) - this.#clock.now(), delayMs);
    // Whatever is there when a whole delay begins is due when it ends.
    const dueOffset = waitMs === delayMs ? this.store.nextOffset - 1 : head.offset;
    this.#waitingFor = { offset: head.offset, dueAtMs: this.#dueAtMs(head) };
    void this.#clock.sleep(Math.min(waitMs, MAX_SLEEP_MS), this.#pauses).then(
      () => {
        if (this.#waitingFor?.offset === head.offset) this.#waitingFor = null;
        if (waitMs <= MAX_SLEEP_MS) this.#dueOffset = Math.max(this.#dueOffset, dueOffset);
        this.#wake();
      },
      // Stopping ends the sleep.
      () => {},
    );
  }
}
