import { expect, it } from 'vitest';
import { openWorld, record, sorted, valueOf, type OpenLogUnderTest } from './world.ts';

const DELAY_MS = 600_000;
/** A server's clock and the test's are this close to each other. */
const SLACK_MS = 60_000;

export function delaysContract(open: OpenLogUnderTest): void {
  it('hands a record of a delayed topic over when it is due, and not before', async () => {
    const world = await openWorld(open, [{ delayMs: DELAY_MS }]);
    const seen: (string | null)[] = [];
    await world.subscribe({ handle: async (records) => void seen.push(...records.map(valueOf)) });
    await world.append(record('a', 1));
    await world.clock.advance(DELAY_MS - SLACK_MS);
    expect(seen).toEqual([]);
    await world.until(() => seen.length === 1, SLACK_MS);
  });

  it('hands over at once what became due while nobody was there', async () => {
    const world = await openWorld(open, [{ delayMs: DELAY_MS }]);
    await world.append(record('a', 1), record('b', 2));
    await world.reopen();
    await world.clock.advance(DELAY_MS + SLACK_MS);
    const seen: (string | null)[] = [];
    await world.subscribe({ handle: async (records) => void seen.push(...records.map(valueOf)) });
    await world.until(() => seen.length === 2);
    expect(sorted(seen)).toEqual(['a1', 'b2']);
  });

  it('is idle though records wait that are not due, but not before those that are', async () => {
    const world = await openWorld(open, [{}, { delayMs: DELAY_MS }]);
    const seen: (string | null)[] = [];
    const late = { topic: world.topic(1) };
    await world.append({ ...record('due', 1), ...late });
    await world.clock.advance(DELAY_MS + SLACK_MS);
    const subscription = await world.subscribe({
      topics: [world.topic(0), world.topic(1)],
      handle: async (records) => void seen.push(...records.map(valueOf)),
    });
    await subscription.idle();
    expect(seen).toEqual(['due1']);
  });

  it('lets a topic without delay pass a delayed one', async () => {
    const world = await openWorld(open, [{}, { delayMs: DELAY_MS }]);
    const seen: (string | null)[] = [];
    const subscription = await world.subscribe({
      topics: [world.topic(0), world.topic(1)],
      handle: async (records) => void seen.push(...records.map(valueOf)),
    });
    await world.append({ ...record('later', 1), topic: world.topic(1) }, record('now', 1));
    await subscription.idle();
    expect(seen).toEqual(['now1']);
    await world.until(() => seen.length === 2, DELAY_MS);
    expect(seen).toEqual(['now1', 'later1']);
  });
}
