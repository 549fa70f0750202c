import { describe, expect, it } from 'vitest';
import type { GdprOperation, LedgerEntry } from './ledger-entry.ts';
import { emptyLedger, erasedNumbers, headOf, heldNumbersToErase, type LedgerState } from './ledger-state.ts';

const CUTOFF = '2026-03-02T10:00:00.000Z';
const BEFORE_MS = Date.parse(CUTOFF);
const AFTER_MS = BEFORE_MS + 1;

/** A ledger that is told one thing after the other. */
function ledger(): {
  readonly state: LedgerState;
  readonly tell: (requestId: string, ...entries: readonly object[]) => void;
} {
  const state = emptyLedger();
  return {
    state,
    tell: (requestId, ...entries) => {
      for (const entry of entries) {
        state.apply(state.last + 1, { requestId, at: CUTOFF, ...entry } as LedgerEntry);
      }
    },
  };
}
const taken = (operation: GdprOperation, ...callers: readonly string[][]): object => ({
  kind: 'taken',
  operation,
  callers: callers.map((hashes) => ({ hashes })),
  cutoff: CUTOFF,
  deadlineAt: CUTOFF,
});
const began = { kind: 'began', regions: ['westus2'] };
const marked = { kind: 'marked', found: [] };
const erased = [{ kind: 'erasing' }, { kind: 'erased' }];

describe('a verdict on something of a caller', () => {
  it('is none before a request has begun, and for whatever is from after its cutoff', () => {
    const { state, tell } = ledger();
    tell('f1', taken('forgetme', ['a']));
    expect(state.judge(['a'], BEFORE_MS)).toEqual({ kind: 'none' });
    tell('f1', began);
    expect(state.judge(['a'], BEFORE_MS)).toEqual({ kind: 'mark', requestIds: ['f1'] });
    expect(state.judge(['a'], AFTER_MS)).toEqual({ kind: 'none' });
    expect(state.judge(['b'], BEFORE_MS)).toEqual({ kind: 'none' });
  });

  it('is by any form of the number', () => {
    const { state, tell } = ledger();
    tell('f1', taken('forgetme', ['a', 'a-as-read-in-another-country']), began);
    expect(state.judge(['z', 'a-as-read-in-another-country'], BEFORE_MS).kind).toBe('mark');
  });

  it('is to suppress from when it is about to be erased, whatever else is in force', () => {
    const { state, tell } = ledger();
    tell('f1', taken('forgetme', ['a']), began, marked);
    tell('f2', taken('forgetme', ['a']), began, marked);
    tell('f1', ...erased);
    expect(state.judge(['a'], BEFORE_MS)).toEqual({ kind: 'suppress', requestId: 'f1' });
  });

  it('is to mark while an undo waits, also of what was erased: nothing is lost before the undo has its turn', () => {
    const { state, tell } = ledger();
    tell('f1', taken('forgetme', ['a']), began, marked, ...erased);
    tell('u1', taken('undoforget', ['a']), { kind: 'waiting', regions: ['westeurope'] });
    expect(state.judge(['a'], BEFORE_MS)).toEqual({ kind: 'mark', requestIds: ['f1'] });
    expect(state.judge(['a'], AFTER_MS)).toEqual({ kind: 'none' });
    tell('u1', { kind: 'failed', reason: 'the deadline passed' });
    expect(state.judge(['a'], BEFORE_MS)).toEqual({ kind: 'suppress', requestId: 'f1' });
  });

  it('is none again once an undo has begun, also of what was erased', () => {
    const { state, tell } = ledger();
    tell('f1', taken('forgetme', ['a']), began, marked, ...erased);
    tell('f2', taken('forgetme', ['a'], ['b']), began, marked);
    tell('u1', taken('undoforget', ['a']), began);
    expect(state.judge(['a'], BEFORE_MS)).toEqual({ kind: 'none' });
    expect(state.judge(['b'], BEFORE_MS)).toEqual({ kind: 'mark', requestIds: ['f2'] });
    expect(state.requests.get('f1')?.phase).toBe('erased');
    expect(state.requests.get('f2')?.phase).toBe('marked');
  });

  it('follows a forget that comes after an undo', () => {
    const { state, tell } = ledger();
    tell('f1', taken('forgetme', ['a']), began, marked);
    tell('u1', taken('undoforget', ['a']), began, { kind: 'undone', found: [] });
    expect(state.requests.get('f1')?.phase).toBe('undone');
    tell('f2', taken('forgetme', ['a']), began);
    expect(state.judge(['a'], BEFORE_MS)).toEqual({ kind: 'mark', requestIds: ['f2'] });
  });
});

describe('a ledger', () => {
  it('gives a turn to one request after the other, in the order of their intake', () => {
    const { state, tell } = ledger();
    tell('f1', taken('forgetme', ['a']));
    tell('f2', taken('forgetme', ['b']));
    expect(headOf(state)?.requestId).toBe('f1');
    tell('f1', { kind: 'waiting', regions: ['westeurope'] });
    expect(headOf(state)?.requestId).toBe('f1');
    tell('f1', began, marked);
    expect(headOf(state)?.requestId).toBe('f2');
    tell('f2', { kind: 'failed', reason: 'why' });
    expect(headOf(state)).toBeNull();
  });

  it('knows a request once, whatever a repetition says', () => {
    const { state, tell } = ledger();
    tell('f1', taken('forgetme', ['a']), taken('undoforget', ['b']), began);
    expect(state.judge(['a'], BEFORE_MS).kind).toBe('mark');
    expect(state.judge(['b'], BEFORE_MS).kind).toBe('none');
  });

  it('says which numbers of holds are to go: of those that were released, or are over and their callers erased', () => {
    const { state, tell } = ledger();
    const place = (holdId: string, hash: string, until: string | null): void => {
      const subject = { kind: 'caller', hashes: [hash] } as const;
      state.apply(state.last + 1, { kind: 'hold-placed', holdId, at: CUTOFF, subject, reason: 'why', until });
    };
    place('open', 'a', null);
    place('over', 'a', CUTOFF);
    place('over-of-another', 'b', CUTOFF);
    place('released', 'b', null);
    state.apply(state.last + 1, { kind: 'hold-released', holdId: 'released', at: CUTOFF });
    expect(heldNumbersToErase(state, AFTER_MS)).toEqual(['released']);
    tell('f1', taken('forgetme', ['a']), began, marked, ...erased);
    expect(heldNumbersToErase(state, AFTER_MS)).toEqual(['over', 'released']);
    state.apply(state.last + 1, { kind: 'hold-number-erased', holdId: 'over', at: CUTOFF });
    expect(heldNumbersToErase(state, AFTER_MS)).toEqual(['released']);
  });

  it('says which entry was news of each request last; an undo that begins is of what it takes back, what was told already is none', () => {
    const { state, tell } = ledger();
    tell('f1', taken('forgetme', ['a']), began, marked);
    tell('f2', taken('forgetme', ['b']), began);
    tell('u1', taken('undoforget', ['a']), began);
    tell('f2', marked, marked);
    tell('f1', marked);
    const numbers = [...state.lastNews].map(([id, { number }]) => [id, number]);
    expect(Object.fromEntries(numbers)).toEqual({ f1: 7, f2: 8, u1: 7 });
  });

  it('takes no entry out of its place', () => {
    const { state } = ledger();
    const entry = { requestId: 'f1', at: CUTOFF, ...taken('forgetme', ['a']) } as LedgerEntry;
    expect(() => state.apply(2, entry)).toThrow(RangeError);
  });

  it('says which numbers are to go: of erased callers, in requests that are over', () => {
    const { state, tell } = ledger();
    tell('f1', taken('forgetme', ['a']), began, marked);
    tell('u1', taken('undoforget', ['a'], ['b']), began, { kind: 'undone', found: [] });
    tell('f2', taken('forgetme', ['a']), began, marked);
    expect(erasedNumbers(state)).toEqual(new Map());
    tell('e0', taken('exportme', ['a']), began, { kind: 'exported', found: [] });
    tell('f2', ...erased);
    tell('f3', taken('forgetme', ['a']), began, marked);
    expect(erasedNumbers(state)).toEqual(
      new Map([
        ['f1', new Set([0])],
        ['u1', new Set([0])],
        ['f2', new Set([0])],
        ['e0', new Set([0])],
      ]),
    );
    const later = { at: '2026-03-03T10:00:00.000Z' };
    tell('e1', { ...taken('exportme', ['a']), ...later }, { ...began, ...later }, { kind: 'exported', found: [] });
    expect(erasedNumbers(state).has('e1')).toBe(false);
    tell('f2', { kind: 'numbers-erased' });
    expect(erasedNumbers(state).has('f2')).toBe(false);
  });
});
