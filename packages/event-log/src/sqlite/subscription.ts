import { setMaxListeners } from 'node:events';
import type { Clock, Ids } from '@voicemail/runtime';
import { backoffMs } from '../delivery/backoff.ts';
import type { KeyQueue } from '../delivery/key-queue.ts';
import { LogError } from '../log-error.ts';
import type { Holding, LogRecord, SubscribeOptions, Subscription } from '../port.ts';
import type { GroupCommit } from './group-commit.ts';
import type { SqliteHolding } from './holding.ts';
import { READ_RETRY_PAUSE, REDELIVERY_PAUSE } from './limits.ts';
import { sqliteError } from './sqlite-error.ts';
import { TopicLane } from './topic-lane.ts';
import type { TopicStore } from './topic-store.ts';

export interface SubscriptionParts {
  readonly options: SubscribeOptions;
  readonly stores: readonly TopicStore[];
  readonly commit: GroupCommit;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'random'>;
  /** null unless `isFenced`. */
  readonly holding: SqliteHolding | null;
  /** Told once when the subscription has let go of its topics. */
  readonly released: () => void;
}

interface IdleWaiter {
  readonly targets: readonly number[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One subscriber of a group. `running` reads ahead and hands over; `stopping` takes nothing new and lets what is under
 * way finish; `stopped` has committed and let go, and ignores handlers that end later.
 *
 * Everything happens in `#pump`, at most once a turn of the event loop, so a reader never waits in the middle.
 */
export class SqliteSubscription implements Subscription {
  readonly #parts: SubscriptionParts;
  readonly #lanes: readonly TopicLane[];
  readonly #pauses = new AbortController();
  readonly #aborting = new AbortController();
  #state: 'running' | 'stopping' | 'stopped' = 'running';
  #scheduled = false;
  #inFlight = 0;
  #inFlightBytes = 0;
  /** The lane that is served next: topics take turns. */
  #turn = 0;
  #readFailures = 0;
  #idleWaiters: IdleWaiter[] = [];
  #drained: (() => void) | undefined;
  #stopping: Promise<void> | undefined;

  constructor(parts: SubscriptionParts) {
    this.#parts = parts;
    const { options, stores, commit, clock } = parts;
    // Each topic has its share of the read-ahead, so that one long backlog cannot fill it all.
    const share = Math.max(1, Math.floor(options.maxBufferedRecords / stores.length));
    this.#lanes = stores.map(
      (store) =>
        new TopicLane({
          store,
          cursor: commit.committed(options.group, store),
          maxQueued: share,
          clock,
          pauses: this.#pauses.signal,
          wake: () => this.wake(),
        }),
    );
    setMaxListeners(0, this.#pauses.signal, this.#aborting.signal);
    this.wake();
  }

  /** Looks for work soon: after an append, a finished handler, a pause. */
  wake(): void {
    if (this.#scheduled || this.#state !== 'running') return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#state === 'running') this.#pump();
    });
  }

  holding(topic: string): Holding | null {
    const isSubscribed = this.#lanes.some(({ store }) => store.settings.name === topic);
    return isSubscribed && this.#state === 'running' ? this.#parts.holding : null;
  }

  idle(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#state !== 'running') throw stopped();
      const targets = this.#lanes.map((lane) => lane.dueEnd());
      this.#idleWaiters.push({ targets, resolve, reject });
      this.wake();
    });
  }

  stop(graceMs: number): Promise<void> {
    this.#stopping ??= this.#stop(graceMs);
    return this.#stopping;
  }

  async #stop(graceMs: number): Promise<void> {
    this.#state = 'stopping';
    this.#pauses.abort(stopped());
    for (const waiter of this.#idleWaiters.splice(0)) waiter.reject(stopped());
    if (this.#inFlight > 0 && graceMs > 0) await this.#drain(graceMs);
    this.#state = 'stopped';
    this.#aborting.abort(stopped());
    try {
      this.#noteAll();
      await this.#parts.holding?.end();
      await this.#parts.commit.flush();
    } finally {
      this.#parts.released();
    }
  }

  /** Resolves when no handler is under way any more, or after `graceMs`. */
  async #drain(graceMs: number): Promise<void> {
    const grace = new AbortController();
    const drained = new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
    // The sleep rejects only when `drained` won, and then nobody waits for it.
    const tooLong = this.#parts.clock.sleep(graceMs, grace.signal).catch(() => {});
    await Promise.race([drained, tooLong]);
    grace.abort();
  }

  #pump(): void {
    try {
      const starving = this.#inFlight < this.#parts.options.maxInFlight;
      let more = false;
      for (const lane of this.#lanes) more = lane.fill(starving) || more;
      this.#readFailures = 0;
      this.#dispatch();
      this.#settleIdle();
      if (more) this.wake();
    } catch (error) {
      this.#readAgainLater(sqliteError('the log cannot be read', error));
    }
  }

  #readAgainLater(error: LogError): void {
    this.#readFailures += 1;
    this.#parts.options.onFailure?.(error, [], this.#readFailures);
    this.#pause(backoffMs(this.#readFailures, READ_RETRY_PAUSE, this.#parts.ids.random()), () => {});
  }

  #dispatch(): void {
    const { maxInFlight, maxBatch = 1, maxBufferedBytes } = this.#parts.options;
    while (this.#inFlight < maxInFlight) {
      const lane = this.#nextLane();
      const queue = lane?.queues.peek();
      if (lane === undefined || queue === undefined) return;
      const { offsets, bytes } = queue.batch(maxBatch, maxBufferedBytes);
      if (this.#inFlight > 0 && this.#inFlightBytes + bytes > maxBufferedBytes) return;
      this.#turn = (this.#lanes.indexOf(lane) + 1) % this.#lanes.length;
      lane.queues.take(queue, offsets);
      this.#inFlight += 1;
      this.#inFlightBytes += bytes;
      void this.#handOver(lane, queue, offsets, bytes);
    }
  }

  #nextLane(): TopicLane | undefined {
    for (let step = 0; step < this.#lanes.length; step += 1) {
      const lane = this.#lanes[(this.#turn + step) % this.#lanes.length];
      if (lane?.queues.hasReady === true) return lane;
    }
    return undefined;
  }

  async #handOver(lane: TopicLane, queue: KeyQueue, offsets: readonly number[], bytes: number): Promise<void> {
    const { options, commit } = this.#parts;
    let records: readonly LogRecord[] = [];
    let failure: { readonly error: unknown } | null = null;
    try {
      records = lane.load(offsets);
      // None is left where retention took them meanwhile.
      if (records.length > 0) await options.handle(records, this.#aborting.signal, this.#parts.holding);
    } catch (error) {
      failure = { error };
    }
    this.#inFlight -= 1;
    this.#inFlightBytes -= bytes;
    if (this.#state === 'stopped') return;
    if (failure === null) {
      lane.queues.handled(queue, offsets);
      commit.note(options.group, lane.store, lane.queues.low);
      this.wake();
    } else {
      queue.failures += 1;
      options.onFailure?.(failure.error, records, queue.failures);
      const pauseMs = backoffMs(queue.failures, REDELIVERY_PAUSE, this.#parts.ids.random());
      this.#pause(pauseMs, () => lane.queues.resume(queue));
      this.wake();
    }
    if (this.#inFlight === 0) this.#drained?.();
  }

  #pause(ms: number, then: () => void): void {
    if (this.#state !== 'running') return;
    void this.#parts.clock.sleep(ms, this.#pauses.signal).then(
      () => {
        then();
        this.wake();
      },
      // Stopping ends the pause; what it was for is left to the next subscriber.
      () => {},
    );
  }

  #noteAll(): void {
    for (const lane of this.#lanes) {
      this.#parts.commit.note(this.#parts.options.group, lane.store, lane.queues.low);
    }
  }

  #settleIdle(): void {
    const isDone = (waiter: IdleWaiter): boolean =>
      this.#lanes.every((lane, index) => lane.queues.low >= (waiter.targets[index] ?? 0));
    const done = this.#idleWaiters.filter(isDone);
    if (done.length === 0) return;
    this.#idleWaiters = this.#idleWaiters.filter((waiter) => !done.includes(waiter));
    this.#noteAll();
    this.#parts.commit.flush().then(
      () => {
        for (const waiter of done) waiter.resolve();
      },
      (error: unknown) => {
        for (const waiter of done) waiter.reject(error);
      },
    );
  }
}

function stopped(): LogError {
  return new LogError('closed', 'the subscription was stopped');
}
