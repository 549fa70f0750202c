import { manualClock } from '@voicemail/runtime';
import { describe, expect, it } from 'vitest';
import { rooms } from './rooms.ts';

const WAIT_MS = 500;

const twoRooms = () => {
  const clock = manualClock(0);
  return { clock, some: rooms({ bytes: 8, maxUsual: 2, waitMs: WAIT_MS }) };
};

/** What has been given by now. */
function given(taking: readonly Promise<Uint8Array>[]): Uint8Array[] {
  const got: Uint8Array[] = [];
  for (const one of taking) void one.then((room) => got.push(room));
  return got;
}

describe('rooms for parts', () => {
  it('are each somebody’s alone, and used again', async () => {
    const { clock, some } = twoRooms();
    const [first, second] = [await some.take(clock), await some.take(clock)];
    expect(first).not.toBe(second);
    some.giveBack(first);
    expect(await some.take(clock)).toBe(first);
  });

  it('of which all are in use go to who waits longest, as they come back', async () => {
    const { clock, some } = twoRooms();
    const [first, second] = [await some.take(clock), await some.take(clock)];
    const taken = given([some.take(clock), some.take(clock)]);
    await clock.advance(WAIT_MS - 1);
    expect(taken).toEqual([]);
    some.giveBack(second);
    await clock.advance(0);
    some.giveBack(first);
    await clock.advance(WAIT_MS);
    expect(taken.map((room) => [first, second].indexOf(room))).toEqual([1, 0]);
  });

  it('that do not come back in time keep nobody waiting', async () => {
    const { clock, some } = twoRooms();
    const held = [await some.take(clock), await some.take(clock)];
    const taken = given([some.take(clock)]);
    await clock.advance(WAIT_MS);
    expect(taken).toHaveLength(1);
    for (const room of [...held, ...taken]) some.giveBack(room);
    // Of what was needed beyond the usual nothing stays.
    const again = [await some.take(clock), await some.take(clock)];
    expect(new Set([...held, ...taken, ...again]).size).toBe(3);
    expect(given([some.take(clock)])).toEqual([]);
  });
});
