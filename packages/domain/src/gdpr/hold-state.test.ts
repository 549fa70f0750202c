import { describe, expect, it } from 'vitest';
import type { HoldEntry, HoldPlaced, HoldSubject } from './hold-entry.ts';
import { isHoldInForce, lastToEnd, newHold, nextHold, noHolds, type HoldState } from './hold-state.ts';

const AT = '2026-03-02T10:00:00.000Z';
const UNTIL = '2026-03-10T10:00:00.000Z';
const LATER = '2026-03-12T10:00:00.000Z';
const NOW_MS = Date.parse(AT);
const CALLER: HoldSubject = { kind: 'caller', hashes: ['a', 'a-elsewhere'] };
const MESSAGE: HoldSubject = { kind: 'message', mailbox: '9876', messageId: 'm1' };

const placed = (holdId: string, subject: HoldSubject, until: string | null = null): HoldPlaced => ({
  kind: 'hold-placed',
  holdId,
  at: AT,
  subject,
  reason: 'case 4711',
  until,
});
const released = (holdId: string): HoldEntry => ({ kind: 'hold-released', holdId, at: AT });
const numberErased = (holdId: string): HoldEntry => ({ kind: 'hold-number-erased', holdId, at: AT });

describe('a hold', () => {
  const fresh = newHold(placed('h1', CALLER));
  const states: Readonly<Record<string, HoldState>> = {
    placed: fresh,
    released: { ...fresh, releasedAt: AT },
    'without its number': { ...fresh, hasNumber: false },
    'released, without its number': { ...fresh, releasedAt: AT, hasNumber: false },
  };
  /** What each entry changes; absent where it changes nothing. */
  const table: Readonly<Record<string, Readonly<Record<string, Partial<HoldState>>>>> = {
    placed: { 'hold-released': { releasedAt: AT }, 'hold-number-erased': { hasNumber: false } },
    released: { 'hold-number-erased': { hasNumber: false } },
    'without its number': { 'hold-released': { releasedAt: AT } },
    'released, without its number': {},
  };
  const entries = [released('h1'), numberErased('h1')] as const;
  const cases = Object.entries(states).flatMap(([name, state]) =>
    entries.map((entry) => [name, entry, state] as const),
  );
  it.each(cases)('that is %s, told %o, goes where the table says', (name, entry, state) => {
    const next = nextHold(state, entry as Exclude<HoldEntry, HoldPlaced>);
    const change = table[name]?.[entry.kind];
    if (change === undefined) expect(next).toBe(state);
    else expect(next).toEqual({ ...state, ...change });
  });

  it('ends by its release, and at its time', () => {
    const untilMs = Date.parse(UNTIL);
    expect(isHoldInForce({ releasedAt: null, until: UNTIL }, untilMs - 1)).toBe(true);
    expect(isHoldInForce({ releasedAt: null, until: UNTIL }, untilMs)).toBe(false);
    expect(isHoldInForce({ releasedAt: null, until: null }, Number.MAX_SAFE_INTEGER)).toBe(true);
    expect(isHoldInForce({ releasedAt: AT, until: UNTIL }, NOW_MS)).toBe(false);
  });

  it('on a message has no number', () => {
    expect(newHold(placed('h1', MESSAGE)).hasNumber).toBe(false);
  });
});

describe('the holds of a tenant', () => {
  const told = (...entries: readonly HoldEntry[]) => {
    const holds = noHolds();
    for (const entry of entries) holds.apply(entry);
    return holds;
  };
  const message = { mailbox: '9876', messageId: 'm1' };

  it('keep everything of a caller, by any form of the number, and nobody else’s', () => {
    const holds = told(placed('h1', CALLER));
    expect(holds.on({ hashes: ['z', 'a-elsewhere'] }, NOW_MS)).toEqual({ until: null });
    expect(holds.on({ hashes: ['a'], message }, NOW_MS)).toEqual({ until: null });
    expect(holds.on({ hashes: ['b'], message }, NOW_MS)).toBeNull();
    expect(holds.on({ hashes: [], message }, NOW_MS)).toBeNull();
  });

  it('keep one message, whoever called, and not its neighbours', () => {
    const holds = told(placed('h1', MESSAGE));
    expect(holds.on({ hashes: [], message }, NOW_MS)).toEqual({ until: null });
    expect(holds.on({ hashes: ['a'], message: { ...message, messageId: 'm2' } }, NOW_MS)).toBeNull();
    expect(holds.on({ hashes: ['a'], message: { ...message, mailbox: '1' } }, NOW_MS)).toBeNull();
    expect(holds.on({ hashes: ['a'] }, NOW_MS)).toBeNull();
  });

  it('keep a thing until the last of those on it ends', () => {
    const holds = told(placed('h1', CALLER, LATER), placed('h2', MESSAGE, UNTIL), placed('h3', CALLER));
    const thing = { hashes: ['a'], message };
    expect(holds.on(thing, NOW_MS)).toEqual({ until: null });
    holds.apply(released('h3'));
    expect(holds.on(thing, NOW_MS)).toEqual({ until: LATER });
    expect(holds.on(thing, Date.parse(UNTIL))).toEqual({ until: LATER });
    holds.apply(released('h1'));
    expect(holds.on(thing, NOW_MS)).toEqual({ until: UNTIL });
    expect(holds.on(thing, Date.parse(UNTIL))).toBeNull();
  });

  it('know a hold once, whatever a repetition says, and nothing of one that was never placed', () => {
    const holds = told(released('h0'), placed('h1', CALLER, UNTIL), placed('h1', MESSAGE), numberErased('h0'));
    expect([...holds.all.keys()]).toEqual(['h1']);
    expect(holds.on({ hashes: [], message }, NOW_MS)).toBeNull();
    expect(holds.on({ hashes: ['a'] }, NOW_MS)).toEqual({ until: UNTIL });
  });
});

it('of several holds the last to end is one without an end, else the latest', () => {
  expect(lastToEnd([])).toBeNull();
  expect(lastToEnd([{ until: UNTIL }, { until: LATER }])).toEqual({ until: LATER });
  expect(lastToEnd([{ until: LATER }, { until: UNTIL }])).toEqual({ until: LATER });
  // 11:00 there is an hour before the other.
  expect(lastToEnd([{ until: '2026-03-12T11:00:00+02:00' }, { until: LATER }])).toEqual({ until: LATER });
  expect(lastToEnd([{ until: LATER }, { until: null }])).toEqual({ until: null });
});
