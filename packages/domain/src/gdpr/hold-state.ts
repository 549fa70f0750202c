import type { HoldEntry, HoldPlaced, HoldSubject } from './hold-entry.ts';

/** A legal hold as its ledger entries tell it. Whether it is in force depends on the time as well. */
export interface HoldState {
  readonly holdId: string;
  readonly subject: HoldSubject;
  readonly reason: string;
  /** RFC 3339; null: until it is released. */
  readonly until: string | null;
  readonly placedAt: string;
  /** null: it was not released. */
  readonly releasedAt: string | null;
  /** Whether the number as it was sent is kept. */
  readonly hasNumber: boolean;
}

/** Something is held, until then (RFC 3339); null: until a hold without an end is released. */
export interface Held {
  readonly until: string | null;
}

/** What a hold may be on: something of a caller, and which message it is if it is one. */
export interface Holdable {
  /** Of any form of the caller's number. */
  readonly hashes: readonly string[];
  readonly message?: { readonly mailbox: string; readonly messageId: string };
}

/** All legal holds of a tenant; grows with each entry. */
export interface Holds {
  /** By id, in the order in which they were placed; those that are over too. */
  readonly all: ReadonlyMap<string, HoldState>;
  apply(entry: HoldEntry): void;
  /** Whether something is held, and until the last hold on it ends; null: it is not. @param nowMs since the epoch. */
  on(thing: Holdable, nowMs: number): Held | null;
}

export function noHolds(): Holds {
  const all = new Map<string, HoldState>();
  /** What a hold is on to the ids of the holds on it. */
  const bySubject = new Map<string, string[]>();
  return {
    all,
    apply: (entry) => {
      const known = all.get(entry.holdId);
      if (entry.kind !== 'hold-placed') {
        if (known !== undefined) all.set(entry.holdId, nextHold(known, entry));
        return;
      }
      if (known !== undefined) return;
      const hold = newHold(entry);
      all.set(entry.holdId, hold);
      for (const name of namesOf(hold.subject)) bySubject.set(name, [...(bySubject.get(name) ?? []), entry.holdId]);
    },
    on: ({ hashes, message }, nowMs) => {
      if (all.size === 0) return null;
      const names = message === undefined ? hashes : [...hashes, messageName(message)];
      const holds = names.flatMap((name) => bySubject.get(name) ?? []).flatMap((id) => all.get(id) ?? []);
      return lastToEnd(holds.filter((hold) => isHoldInForce(hold, nowMs)));
    },
  };
}

export const newHold = ({ holdId, subject, reason, until, at }: HoldPlaced): HoldState => ({
  holdId,
  subject,
  reason,
  until,
  placedAt: at,
  releasedAt: null,
  hasNumber: subject.kind === 'caller',
});

/** What an entry makes of its hold; a repetition changes nothing. */
export function nextHold(hold: HoldState, entry: Exclude<HoldEntry, HoldPlaced>): HoldState {
  if (entry.kind === 'hold-released') return hold.releasedAt === null ? { ...hold, releasedAt: entry.at } : hold;
  return hold.hasNumber ? { ...hold, hasNumber: false } : hold;
}

/** Whether a hold keeps what it is on: it was neither released, nor is its time over. @param nowMs since the epoch. */
export const isHoldInForce = ({ releasedAt, until }: Pick<HoldState, 'releasedAt' | 'until'>, nowMs: number): boolean =>
  releasedAt === null && (until === null || nowMs < Date.parse(until));

/** When the last of some holds ends: one without an end is the last of all. null where there is none. */
export function lastToEnd(holds: readonly Held[]): Held | null {
  let last: Held | null = null;
  for (const { until } of holds) {
    if (until === null) return { until };
    if (last === null || last.until === null || Date.parse(until) > Date.parse(last.until)) last = { until };
  }
  return last;
}

/** A hash has no slash in it, and a message's name has. */
const namesOf = (subject: HoldSubject): readonly string[] =>
  subject.kind === 'caller' ? [...new Set(subject.hashes)] : [messageName(subject)];
const messageName = ({ mailbox, messageId }: NonNullable<Holdable['message']>): string => `${mailbox}/${messageId}`;
