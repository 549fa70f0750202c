import { describe, expect, it } from 'vitest';
import type { RequestEntry, Taken } from './ledger-entry.ts';
import { isInForce, isSuppressing, isUnderWay, newRequest, nextRequest, type RequestState } from './request-state.ts';

const at = '2026-03-02T10:00:00.000Z';
const of = { requestId: 'r1', at };
type Entry = Exclude<RequestEntry, Taken>;

const taken = (operation: Taken['operation']): Taken => ({
  kind: 'taken',
  ...of,
  operation,
  callers: [{ hashes: ['a'] }],
  cutoff: at,
  deadlineAt: '2026-03-27T10:00:00.000Z',
});
const found = [{ messages: 1, deadLetters: 0 }];
const ENTRIES: Readonly<Record<Entry['kind'], Entry>> = {
  waiting: { kind: 'waiting', ...of, regions: ['westeurope'] },
  began: { kind: 'began', ...of, regions: ['westus2', 'westeurope'] },
  intends: { kind: 'intends', ...of, step: 'mark', region: 'westus2', things: ['9876/m1'] },
  did: { kind: 'did', ...of, step: 'mark', region: 'westus2', changed: 1 },
  marked: { kind: 'marked', ...of, found },
  held: { kind: 'held', ...of, until: '2026-04-01T10:00:00.000Z' },
  undone: { kind: 'undone', ...of, found },
  exported: { kind: 'exported', ...of, found },
  erasing: { kind: 'erasing', ...of },
  erased: { kind: 'erased', ...of },
  'numbers-erased': { kind: 'numbers-erased', ...of },
  failed: { kind: 'failed', ...of, reason: 'why' },
};
type Kind = keyof typeof ENTRIES;

/** Every phase that a request of an operation can be in, and the way there. */
const FORGET: Readonly<Record<string, readonly Kind[]>> = {
  accepted: [],
  waiting: ['waiting'],
  running: ['began'],
  'waiting in the middle': ['began', 'waiting'],
  marked: ['began', 'marked'],
  held: ['began', 'marked', 'held'],
  'marked after a hold': ['began', 'marked', 'held', 'marked'],
  erasing: ['began', 'marked', 'erasing'],
  erased: ['began', 'marked', 'erasing', 'erased'],
  failed: ['failed'],
};
const UNDO: Readonly<Record<string, readonly Kind[]>> = {
  accepted: [],
  waiting: ['waiting'],
  running: ['began'],
  undone: ['began', 'undone'],
  failed: ['failed'],
};

const EXPORT: Readonly<Record<string, readonly Kind[]>> = {
  accepted: [],
  waiting: ['waiting'],
  running: ['began'],
  'waiting in the middle': ['began', 'waiting'],
  exported: ['began', 'exported'],
  failed: ['failed'],
};

const after = (operation: Taken['operation'], way: readonly Kind[]): RequestState =>
  way.reduce((state, kind) => nextRequest(state, ENTRIES[kind]), newRequest(taken(operation)));

/** Where each entry takes a request: a phase, `same` where it only adds to what is known, absent where it changes nothing. */
const FORGET_TABLE: Readonly<Record<string, Partial<Record<Kind, string>>>> = {
  accepted: { waiting: 'waiting', began: 'running', failed: 'failed' },
  waiting: { waiting: 'same', began: 'running', failed: 'failed' },
  running: { waiting: 'waiting', began: 'same', intends: 'same', marked: 'marked', failed: 'failed' },
  'waiting in the middle': { waiting: 'same', began: 'running', failed: 'failed' },
  marked: { intends: 'same', marked: 'same', held: 'held', erasing: 'erasing', failed: 'failed' },
  held: { intends: 'same', marked: 'marked', held: 'same', erasing: 'erasing', failed: 'failed' },
  'marked after a hold': { intends: 'same', marked: 'same', held: 'held', erasing: 'erasing', failed: 'failed' },
  erasing: { intends: 'same', marked: 'marked', held: 'held', erased: 'erased', failed: 'failed' },
  erased: { intends: 'same', 'numbers-erased': 'same' },
  failed: { 'numbers-erased': 'same' },
};
const UNDO_TABLE: typeof FORGET_TABLE = {
  accepted: { waiting: 'waiting', began: 'running', failed: 'failed' },
  waiting: { waiting: 'same', began: 'running', failed: 'failed' },
  running: { waiting: 'waiting', began: 'same', intends: 'same', undone: 'undone', failed: 'failed' },
  undone: { 'numbers-erased': 'same' },
  failed: { 'numbers-erased': 'same' },
};
const EXPORT_TABLE: typeof FORGET_TABLE = {
  accepted: { waiting: 'waiting', began: 'running', failed: 'failed' },
  waiting: { waiting: 'same', began: 'running', failed: 'failed' },
  running: { waiting: 'waiting', began: 'same', intends: 'same', exported: 'exported', failed: 'failed' },
  'waiting in the middle': { waiting: 'same', began: 'running', failed: 'failed' },
  exported: { 'numbers-erased': 'same' },
  failed: { 'numbers-erased': 'same' },
};

describe.each([
  ['forgetme', FORGET, FORGET_TABLE],
  ['undoforget', UNDO, UNDO_TABLE],
  ['exportme', EXPORT, EXPORT_TABLE],
] as const)('a request to %s', (operation, ways, expected) => {
  const cases = Object.entries(ways).flatMap(([name, way]) =>
    (Object.keys(ENTRIES) as Kind[]).map((kind) => [name, kind, way] as const),
  );
  it.each(cases)('that is %s, told "%s", goes where the table says', (name, kind, way) => {
    const before = after(operation, way);
    const next = nextRequest(before, ENTRIES[kind]);
    const to = expected[name]?.[kind];
    if (to === undefined) expect(next).toBe(before);
    else {
      expect(next).not.toBe(before);
      expect(next.phase).toBe(to === 'same' ? before.phase : to);
    }
  });
});

it.each(Object.entries(EXPORT))('an export that is %s asks for no mark, and suppresses nothing', (name, way) => {
  const state = after('exportme', way);
  expect([isInForce(state), isSuppressing(state)]).toEqual([false, false]);
  expect(isUnderWay(state)).toBe(['accepted', 'waiting', 'running', 'waiting in the middle'].includes(name));
});

describe('a forget', () => {
  it.each(Object.entries(FORGET))('that is %s is in force, or suppresses, or neither, never both', (name, way) => {
    const state = after('forgetme', way);
    const inForce = ['running', 'waiting in the middle', 'marked', 'held', 'marked after a hold'].includes(name);
    expect([isInForce(state), isSuppressing(state)]).toEqual([inForce, ['erasing', 'erased'].includes(name)]);
    expect(isUnderWay(state)).toBe(['accepted', 'waiting', 'running', 'waiting in the middle'].includes(name));
  });

  it('remembers what it was about to do in each region until it says that it was done', () => {
    const running = after('forgetme', ['began', 'intends']);
    const more = nextRequest(running, { ...ENTRIES.intends, things: ['9876/m2'] } as Entry);
    const elsewhere = nextRequest(more, { ...ENTRIES.intends, region: 'westeurope', things: ['9876/m3'] } as Entry);
    expect(elsewhere.intents.map(({ region, things }) => [region, things])).toEqual([
      ['westus2', ['9876/m1', '9876/m2']],
      ['westeurope', ['9876/m3']],
    ]);
    const done = nextRequest(elsewhere, ENTRIES.did);
    expect(done.intents.map(({ region }) => region)).toEqual(['westeurope']);
    expect(done.steps).toEqual([
      { step: 'mark', region: 'westus2', startedAt: at, endedAt: at, changed: 1 },
      { step: 'mark', region: 'westeurope', startedAt: at, endedAt: null, changed: 0 },
    ]);
  });

  it('has the time for which it was held added to its deadline, however often the hold is told again', () => {
    const told = (state: RequestState, kind: 'held' | 'marked' | 'erasing', day: number): RequestState =>
      nextRequest(state, { ...ENTRIES[kind], at: `2026-03-${day}T10:00:00.000Z` });
    const held = told(told(after('forgetme', ['began', 'marked']), 'held', 10), 'held', 12);
    expect(held).toMatchObject({ heldSince: '2026-03-10T10:00:00.000Z', heldUntil: '2026-04-01T10:00:00.000Z' });
    expect(held.deadlineAt).toBe('2026-03-27T10:00:00.000Z');
    for (const kind of ['marked', 'erasing'] as const) {
      const goesOn = { heldSince: null, heldUntil: null, deadlineAt: '2026-04-06T10:00:00.000Z' };
      expect(told(held, kind, 20)).toMatchObject(goesOn);
    }
  });
});
