import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AcceptedRequests } from './accepted-requests.ts';
import { ACCEPTED_FOR_MS, MAX_ACCEPTED } from './limits.ts';
import { openWorld, type World } from './world/world.ts';

let world: World;
let accepted: AcceptedRequests;
beforeEach(async () => {
  world = await openWorld();
  accepted = new AcceptedRequests(world.clock);
});
afterEach(() => world.close());

const add = (requestId: string, numbers = 1): void =>
  accepted.add(world.stores, {
    requestId,
    operation: 'forgetme',
    consumers: Array.from({ length: numbers }, (_, index) => ({ phone: `+1555${String(index).padStart(7, '0')}` })),
    requestedAt: new Date(world.clock.now()).toISOString(),
  });
const isKnown = (requestId: string): boolean => accepted.find('t100', requestId) !== undefined;

describe('a request that is on its way into the ledger', () => {
  it('is known with its numbers, to its tenant alone, until it has arrived', () => {
    add('r1', 2);
    expect(accepted.find('t100', 'r1')).toMatchObject({
      state: { requestId: 'r1', phase: 'accepted' },
      numbers: ['+15550000000', '+15550000001'],
    });
    expect(accepted.find('t200', 'r1')).toBeUndefined();
    accepted.remove('t100', 'r1');
    expect(isKnown('r1')).toBe(false);
  });

  it('is forgotten after a while, and where there are many the oldest is', async () => {
    add('old');
    await world.clock.advance(ACCEPTED_FOR_MS);
    add('r1');
    expect(isKnown('old')).toBe(true);
    await world.clock.advance(1);
    expect([isKnown('old'), isKnown('r1')]).toEqual([false, true]);
    add('r2', MAX_ACCEPTED - 4);
    expect([isKnown('r1'), isKnown('r2')]).toEqual([true, true]);
    add('r3');
    expect([isKnown('r1'), isKnown('r2'), isKnown('r3')]).toEqual([false, true, true]);
    // Once more is still one.
    add('r3');
    expect(isKnown('r2')).toBe(true);
  });
});
