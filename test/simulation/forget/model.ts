/**
 * What must be there in the end, told by the rules alone (CONTRACT sections 1, 3, 5 and 6): which messages and dead letters, and whose
 * numbers. Where the rule may have run by now or not, both are right, until somebody looks.
 */
const DAY_MS = 86_400_000;

/** Something that was left by a caller: a message, or a dead letter. */
export interface Item {
  readonly kind: 'message' | 'letter';
  readonly tenant: string;
  readonly mailbox: string;
  readonly messageId: string;
  /** null: anonymous. */
  readonly caller: number | null;
  /** The earlier of what its publisher says and when the log took it. */
  readonly timeMs: number;
  /** What its audio says. Forwarded copies say the same. */
  readonly sound: string;
  /** Under which name it was staged. */
  readonly stagedAs: string | null;
  /** It is known to be gone, for good. */
  isGone: boolean;
  /** A region was down before it was known to be stored: a forget may have been over when it was. */
  isLate: boolean;
}

interface Forget {
  readonly tenant: string;
  readonly caller: number;
  readonly cutoffMs: number;
  /** The earliest that the clock has said since it was asked for. */
  earliestMs: number;
  /** What came later is not even stored once nothing else was found. */
  readonly itemsBefore: number;
  /** A day has passed since by some clock: the rule may have deleted what was there. */
  mayBeDone: boolean;
}

export interface Model {
  readonly items: readonly Item[];
  add(item: Omit<Item, 'isGone' | 'isLate'>, isGone?: boolean): Item;
  /** The clock says something else. */
  clockSays(nowMs: number): void;
  forget(tenant: string, caller: number, cutoffMs: number): void;
  /** @returns what may be there or not, for the rule may have come first: to be looked at when the undo is done. */
  undo(tenant: string, caller: number): readonly Item[];
  /** The number as it was sent was written down. */
  exportOf(tenant: string, caller: number): void;
  isForgotten(item: Item): boolean;
  /** Whether it is there or not, the rule may have come first. */
  isOpen(item: Item): boolean;
  wasForgotten(tenant: string, caller: number): boolean;
  /** In the end: it is there. */
  isKept(item: Item): boolean;
  /** In the end: nothing anywhere may tell of the caller's number. */
  isUnknown(caller: number): boolean;
}

export function newModel(startMs: number): Model {
  const items: Item[] = [];
  let nowMs = startMs;
  /** Those in force. */
  let forgets: Forget[] = [];
  /** Of callers whose numbers stay in requests as long as they are not erased again. */
  const named = new Set<string>();
  const forgotten = new Set<string>();
  const nameOf = (tenant: string, caller: number): string => `${tenant}/${caller}`;

  const ofItem = (item: Item): readonly Forget[] =>
    forgets.filter(
      ({ tenant, caller, cutoffMs }) => tenant === item.tenant && caller === item.caller && item.timeMs <= cutoffMs,
    );
  const ofCaller = (tenant: string, caller: number): readonly Forget[] =>
    forgets.filter((one) => one.tenant === tenant && one.caller === caller);
  const isOpen = (item: Item): boolean =>
    ofItem(item).some(({ mayBeDone, itemsBefore }) => mayBeDone || item.isLate || items.indexOf(item) >= itemsBefore);
  const isForgotten = (item: Item): boolean => ofItem(item).length > 0;
  const isKept = (item: Item): boolean => !item.isGone && !isForgotten(item);
  return {
    items,
    add: (item, isGone = false) => {
      const added = { ...item, isGone, isLate: false };
      items.push(added);
      return added;
    },
    clockSays: (ms) => {
      nowMs = ms;
      for (const forget of forgets) {
        forget.earliestMs = Math.min(forget.earliestMs, ms);
        forget.mayBeDone ||= ms - forget.earliestMs >= DAY_MS;
      }
    },
    forget: (tenant, caller, cutoffMs) => {
      forgets.push({ tenant, caller, cutoffMs, itemsBefore: items.length, earliestMs: nowMs, mayBeDone: false });
      named.delete(nameOf(tenant, caller));
      forgotten.add(nameOf(tenant, caller));
    },
    undo: (tenant, caller) => {
      const open = items.filter(
        (item) => item.tenant === tenant && item.caller === caller && !item.isGone && isOpen(item),
      );
      const undone = ofCaller(tenant, caller);
      forgets = forgets.filter((one) => !undone.includes(one));
      named.add(nameOf(tenant, caller));
      return open;
    },
    // Where an erasure is still to come it takes the number along; one of which nothing was found comes with the next run of the rule.
    exportOf: (tenant, caller) => void named.add(nameOf(tenant, caller)),
    isForgotten,
    isOpen,
    wasForgotten: (tenant, caller) => forgotten.has(nameOf(tenant, caller)),
    isKept,
    isUnknown: (caller) =>
      !items.some((item) => item.caller === caller && isKept(item)) &&
      ![...named].some((name) => name.endsWith(`/${caller}`)),
  };
}
