/**
 * The records of one key that were read ahead and are not handled yet, in order, by their offsets alone: values are
 * read when they are needed, so a long backlog of a busy key costs a number a record.
 *
 *            add                 taken                    handled, none left
 *   (new) ────────▶ ready ────────────────▶ running ──────────────────────────▶ (gone)
 *                     ▲                      │   │
 *                     ├──────────────────────┘   │ failed
 *                     │   handled, some left     ▼
 *                     └────────────────────── pausing
 *                           pause is over
 *
 * While it is running or pausing nothing else of the key is handed over: that keeps the order.
 */
export class KeyQueue {
  /** Identifies it in its lane: the key, or for a record without one its offset. */
  readonly id: string | number;
  /** Failures of the batch at the head since its last success. */
  failures = 0;
  readonly #offsets: number[] = [];
  readonly #bytes: number[] = [];
  #head = 0;
  /** Size of the batch at the head once it was handed over: a retry hands over the same records. */
  #batch = 0;

  constructor(id: string | number) {
    this.id = id;
  }

  get size(): number {
    return this.#offsets.length - this.#head;
  }

  add(offset: number, bytes: number): void {
    this.#offsets.push(offset);
    this.#bytes.push(bytes);
  }

  /** The records to hand over next: up to `maxBatch` and `maxBytes`, but one at least. */
  batch(maxBatch: number, maxBytes: number): { readonly offsets: readonly number[]; readonly bytes: number } {
    let bytes = this.#bytes[this.#head] ?? 0;
    let count = 1;
    const limit = this.#batch > 0 ? this.#batch : Math.min(maxBatch, this.size);
    for (; count < limit; count += 1) {
      const more = this.#bytes[this.#head + count] ?? 0;
      if (this.#batch === 0 && bytes + more > maxBytes) break;
      bytes += more;
    }
    return { offsets: this.#offsets.slice(this.#head, this.#head + count), bytes };
  }

  /** The next `count` records are being handled; they stay at the head until `handled`. */
  fix(count: number): void {
    this.#batch = count;
  }

  /** The batch at the head is done. */
  handled(): void {
    this.#head += this.#batch;
    this.#batch = 0;
    this.failures = 0;
    if (this.#head > 64 && this.#head * 2 > this.#offsets.length) {
      this.#offsets.splice(0, this.#head);
      this.#bytes.splice(0, this.#head);
      this.#head = 0;
    }
  }
}
