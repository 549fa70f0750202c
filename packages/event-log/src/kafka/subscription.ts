import type { Clock, Ids } from '@voicemail/runtime';
import type { Admin, ConsumerGeneration, EachBatchPayload, Kafka } from 'kafkajs';
import { backoffMs } from '../delivery/backoff.ts';
import type { KeyQueue } from '../delivery/key-queue.ts';
import { LogError } from '../log-error.ts';
import type { Holding, SubscribeOptions, Subscription, TopicSettings } from '../port.ts';
import { Assignment } from './assignment.ts';
import { Commits } from './commits.ts';
import { MIN_PARTING_MS, PARTING_LIMIT_MS, REDELIVERY_PAUSE, SESSION_TIMEOUT_MS } from './consumer-limits.ts';
import { Fences } from './fences.ts';
import type { Fencing } from './fencing.ts';
import { isGenerationOver } from './generation-over.ts';
import { GroupMember } from './group-member.ts';
import { dueEnds, hasCommitted, type PartitionEnd } from './group-progress.ts';
import { Intake } from './intake.ts';
import { kafkaError } from './kafka-error.ts';
import type { PartitionLane } from './partition-lane.ts';
import { waitAtMost } from './wait-at-most.ts';

export interface SubscriptionParts {
  readonly kafka: Kafka;
  /** Connected; it stays the caller's. */
  readonly admin: Admin;
  /** The settings of the topics that are subscribed. */
  readonly topics: readonly TopicSettings[];
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'random'>;
  /** null unless `isFenced`. */
  readonly fencing: Fencing | null;
  /** How long the group waits for a member that says nothing; `SESSION_TIMEOUT_MS` unless told. */
  readonly sessionTimeoutMs?: number;
}

/**
 * Joins the group, and hands over what its partitions hold.
 * @throws LogError `unavailable`, `unknown-topic`, `unknown`.
 */
export async function subscribeKafka(parts: SubscriptionParts, options: SubscribeOptions): Promise<Subscription> {
  try {
    const topics = parts.topics.map(({ name }) => name);
    const metadata = await parts.admin.fetchTopicMetadata({ topics });
    const partitions = metadata.topics.reduce((sum, topic) => sum + topic.partitions.length, 0);
    const subscription = new KafkaSubscription(parts, options, partitions);
    await subscription.join();
    return subscription;
  } catch (error) {
    throw kafkaError(`cannot subscribe group ${options.group}`, error);
  }
}

/**
 * One member of a group. Its client only fetches, shows that it lives, and joins again; the handlers run beside it, so
 * that a slow one keeps its partition. `running` hands over; `stopping` takes nothing new and lets what is under way
 * finish; `stopped` has committed and lets go.
 *
 * Between two rebalances an `Assignment` holds everything; what belongs to an earlier one counts for nothing.
 */
class KafkaSubscription implements Subscription {
  readonly #parts: SubscriptionParts;
  readonly #options: SubscribeOptions;
  readonly #member: GroupMember;
  readonly #sessionTimeoutMs: number;
  #state: 'running' | 'stopping' | 'stopped' = 'running';
  #current: {
    readonly assignment: Assignment;
    readonly intake: Intake;
    readonly commits: Commits;
    readonly fences: Fences;
  } | null = null;
  /** Also those of earlier assignments that have not ended. */
  #inFlight = 0;
  #commitFailures = 0;
  #watchers: (() => void)[] = [];
  #stopping: Promise<void> | undefined;

  constructor(parts: SubscriptionParts, options: SubscribeOptions, partitions: number) {
    this.#parts = parts;
    this.#options = options;
    this.#sessionTimeoutMs = parts.sessionTimeoutMs ?? SESSION_TIMEOUT_MS;
    this.#member = new GroupMember({
      ...parts,
      group: options.group,
      topics: parts.topics.map(({ name }) => name),
      partitions,
      maxBufferedBytes: options.maxBufferedBytes,
      sessionTimeoutMs: this.#sessionTimeoutMs,
      assigned: (generation) => this.#assigned(generation),
      // It shows no life while it waits, so no more than half a session.
      release: () => this.#release(this.#sessionTimeoutMs / 2, new LogError('unavailable', 'the group is rebalancing')),
      arrived: (payload) => this.#arrived(payload),
      passed: (topic, partition, offset) => this.#passed(topic, partition, offset),
      fetched: () => this.#progressed(),
      crashed: (error, attempt) => options.onFailure?.(kafkaError('the log cannot be read', error), [], attempt),
    });
  }

  join(): Promise<void> {
    return this.#member.join();
  }

  holding(topic: string, key: string): Holding | null {
    const { fencing } = this.#parts;
    const assignment = this.#current?.assignment;
    if (fencing === null || assignment?.isOpen !== true) return null;
    const fence = assignment.lane(topic, fencing.partitionOf(topic, key))?.fence;
    return fence?.isHeld === true ? fence : null;
  }

  async idle(): Promise<void> {
    this.#assertRunning();
    const { admin, topics, clock } = this.#parts;
    const ends = await asLogError(() => dueEnds(admin, topics, clock));
    for (;;) {
      this.#assertRunning();
      if (!this.#isBehind(ends) && (await this.#isCommitted(ends))) return;
      await this.#nextProgress();
    }
  }

  stop(graceMs: number): Promise<void> {
    this.#stopping ??= this.#stop(graceMs);
    return this.#stopping;
  }

  async #stop(graceMs: number): Promise<void> {
    this.#state = 'stopping';
    this.#progressed();
    const { clock } = this.#parts;
    const untilMs = clock.monotonicMs() + graceMs;
    // What has a grace is to be over with it: a member that its client begins anew right then may take longer to part.
    const partingMs = (): number =>
      graceMs === 0
        ? PARTING_LIMIT_MS
        : Math.min(PARTING_LIMIT_MS, Math.max(MIN_PARTING_MS, untilMs - clock.monotonicMs()));
    await this.#release(graceMs, stopped(), partingMs);
    this.#state = 'stopped';
    // Where the brokers are away, its session ends by itself.
    await asLogError(() => waitAtMost(this.#member.leave(), partingMs(), clock));
  }

  #assigned(generation: ConsumerGeneration): void {
    const { clock, ids, topics, fencing } = this.#parts;
    const assignment = new Assignment(generation, fencing);
    const commits = new Commits(assignment, clock, (error) => this.#commitFailed(error));
    const queued = (): void => this.#dispatch();
    const intake = new Intake({ assignment, topics, bounds: this.#options, clock, queued });
    if (this.#state !== 'running') assignment.close(stopped());
    const failed = (error: unknown, attempt: number): void => this.#options.onFailure?.(error, [], attempt);
    const fences = new Fences({ assignment, clock, ids, opened: queued, failed });
    this.#current = { assignment, commits, intake, fences };
  }

  /** Waits for what is under way, aborts what is not finished in time, commits. Never rejects. */
  async #release(graceMs: number, reason: LogError, partingMs = () => PARTING_LIMIT_MS): Promise<void> {
    const current = this.#current;
    if (current === null) return;
    current.assignment.close(reason);
    await current.assignment.drain(graceMs, this.#parts.clock);
    current.assignment.release(reason);
    try {
      const parted = Promise.all([current.commits.flush(), current.fences.close()]);
      const limitMs = partingMs();
      if (!(await waitAtMost(parted, limitMs, this.#parts.clock))) {
        throw new LogError('unavailable', `there was no answer for ${Math.ceil(limitMs)} ms`);
      }
    } catch (error) {
      this.#commitFailed(error);
    }
    if (this.#current === current) this.#current = null;
  }

  #arrived(payload: EachBatchPayload): void {
    this.#current?.intake.take(payload);
    this.#current?.commits.note();
    this.#dispatch();
  }

  #passed(topic: string, partition: number, offset: number): void {
    this.#current?.assignment.lane(topic, partition)?.passTo(offset);
    this.#current?.commits.note();
  }

  #dispatch(): void {
    const { maxInFlight, maxBatch = 1, maxBufferedBytes } = this.#options;
    while (this.#inFlight < maxInFlight) {
      const assignment = this.#current?.assignment;
      const lane = assignment?.nextReady();
      const queue = lane?.queues.peek();
      if (assignment === undefined || lane === undefined || queue === undefined) return;
      const { offsets } = queue.batch(maxBatch, maxBufferedBytes);
      lane.queues.take(queue, offsets);
      void this.#handOver(assignment, lane, queue, offsets);
    }
  }

  async #handOver(
    assignment: Assignment,
    lane: PartitionLane,
    queue: KeyQueue,
    offsets: readonly number[],
  ): Promise<void> {
    const records = lane.load(offsets);
    let failure: { readonly error: unknown } | null = null;
    this.#inFlight += 1;
    assignment.begun();
    try {
      await this.#options.handle(records, assignment.handlers, lane.fence);
    } catch (error) {
      failure = { error };
    }
    this.#inFlight -= 1;
    if (!assignment.isReleased) {
      if (failure === null) {
        this.#handled(lane, queue, offsets);
      } else if (lane.fence?.isOver !== true) {
        queue.failures += 1;
        this.#options.onFailure?.(failure.error, records, queue.failures);
        this.#handOverLater(assignment, lane, queue);
      }
    }
    assignment.ended();
    this.#dispatch();
  }

  #handled(lane: PartitionLane, queue: KeyQueue, offsets: readonly number[]): void {
    lane.handled(queue, offsets);
    // The room that one partition makes may be another one's.
    this.#current?.intake.handled(lane);
    if (lane.isAhead) this.#current?.commits.note();
    this.#progressed();
  }

  #handOverLater(assignment: Assignment, lane: PartitionLane, queue: KeyQueue): void {
    const pauseMs = backoffMs(queue.failures, REDELIVERY_PAUSE, this.#parts.ids.random());
    void this.#parts.clock.sleep(pauseMs, assignment.pauses).then(
      () => {
        lane.queues.resume(queue);
        this.#dispatch();
      },
      // The partition is let go; what it was for is left to whoever gets it.
      () => {},
    );
  }

  #isBehind(ends: readonly PartitionEnd[]): boolean {
    const assignment = this.#current?.assignment;
    return ends.some((end) => assignment?.lane(end.topic, end.partition)?.isBefore(end.offset) === true);
  }

  /** Whether everything before `ends` is committed; not if that cannot be learnt now. */
  async #isCommitted(ends: readonly PartitionEnd[]): Promise<boolean> {
    try {
      await this.#current?.commits.flush();
      return await hasCommitted(this.#parts.admin, this.#options.group, ends);
    } catch (error) {
      const classified = kafkaError('the progress of the group cannot be read', error);
      if (!classified.retryable && !isGenerationOver(error)) throw classified;
      return false;
    }
  }

  #progressed(): void {
    for (const resolve of this.#watchers.splice(0)) resolve();
  }

  #nextProgress(): Promise<void> {
    return new Promise((resolve) => {
      this.#watchers.push(resolve);
    });
  }

  /** The end of a generation is normal life: what it did not commit is handed over again. */
  #commitFailed(error: unknown): void {
    if (isGenerationOver(error)) return;
    this.#commitFailures += 1;
    this.#options.onFailure?.(kafkaError('progress cannot be committed', error), [], this.#commitFailures);
  }

  #assertRunning(): void {
    if (this.#state !== 'running') throw stopped();
  }
}

async function asLogError<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    throw kafkaError('the log cannot be reached', error);
  }
}

function stopped(): LogError {
  return new LogError('closed', 'the subscription was stopped');
}
