import type { LedgerState } from '@voicemail/domain';

/** What this process has told of a tenant's requests on the log. */
export interface Told {
  /** The news of entries up to this one was told, by this process or another; null: this process has not looked yet. */
  upTo: number | null;
  /** By request: the entry whose news was told, or is just being told, since. */
  readonly since: Map<string, number>;
  /** Something could not be told. */
  isOwed: boolean;
}

/** Requests whose last news is told once more at a process's first look: whoever wrote it may have died before it told. */
const RECENT_NEWS = 100;

export const nothingTold = (): Told => ({ upTo: null, since: new Map(), isOwed: false });

/** The requests of which something is to be told, or told again, in the order of their news. */
export function untold(told: Told, { lastNews }: LedgerState): readonly string[] {
  const numbers = (): number[] => Array.from(lastNews.values(), ({ number }) => number).toSorted((a, b) => b - a);
  const upTo = (told.upTo ??= numbers()[RECENT_NEWS] ?? 0);
  return [...lastNews]
    .filter(([id, { number }]) => number > upTo && told.since.get(id) !== number)
    .toSorted(([, a], [, b]) => a.number - b.number)
    .map(([id]) => id);
}

/** The news of every entry up to this one is told. */
export function allTold(told: Told, upTo: number): void {
  told.upTo = upTo;
  for (const [id, number] of told.since) if (number <= upTo) told.since.delete(id);
}

/** An entry's news could not be told. */
export function notTold(told: Told, requestId: string, number: number): void {
  told.isOwed = true;
  told.since.delete(requestId);
  if (told.upTo !== null) told.upTo = Math.min(told.upTo, number - 1);
}
