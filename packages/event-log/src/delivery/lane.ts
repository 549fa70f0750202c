import { KeyQueue } from './key-queue.ts';

/**
 * One partition on its way to a handler: what was read ahead, queued by key, and how far everything is done. Pure
 * bookkeeping; whoever owns it reads and hands over.
 */
export class Lane {
  /** The next offset to read. */
  cursor: number;
  /** Records read ahead and not handled yet. */
  queued = 0;
  readonly #queues = new Map<string | number, KeyQueue>();
  /** Queues that may be handed over, first come first served: a busy key goes to the end after each batch. */
  readonly #ready = new Set<KeyQueue>();
  /** Added in the order of the offsets, so its first element is the lowest. */
  readonly #unhandled = new Set<number>();

  constructor(cursor: number) {
    this.cursor = cursor;
  }

  /** The lowest offset that is not handled: the highest that may be committed as the next one to take. */
  get low(): number {
    const [lowest] = this.#unhandled;
    return lowest ?? this.cursor;
  }

  get hasReady(): boolean {
    return this.#ready.size > 0;
  }

  /** Queues a record that was read; offsets must grow. */
  add(offset: number, key: string | null, bytes: number): void {
    const id = key ?? offset;
    let queue = this.#queues.get(id);
    if (queue === undefined) {
      queue = new KeyQueue(id);
      this.#queues.set(id, queue);
      this.#ready.add(queue);
    }
    queue.add(offset, bytes);
    this.#unhandled.add(offset);
    this.queued += 1;
    this.cursor = offset + 1;
  }

  /** The key whose turn it is; it stays ready until `take`. */
  peek(): KeyQueue | undefined {
    const [queue] = this.#ready;
    return queue;
  }

  take(queue: KeyQueue, offsets: readonly number[]): void {
    this.#ready.delete(queue);
    queue.fix(offsets.length);
  }

  handled(queue: KeyQueue, offsets: readonly number[]): void {
    for (const offset of offsets) this.#unhandled.delete(offset);
    this.queued -= offsets.length;
    queue.handled();
    if (queue.size === 0) this.#queues.delete(queue.id);
    else this.#ready.add(queue);
  }

  /** A batch that failed may be handed over again. */
  resume(queue: KeyQueue): void {
    this.#ready.add(queue);
  }
}
