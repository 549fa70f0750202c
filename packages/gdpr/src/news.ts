import type { LedgerState } from '@voicemail/domain';

/** What this process has told of a tenant's requests on the log. */
export interface News {
  /** The news of entries up to this one was told, by this process or another; null: this process has not looked yet. */
  upTo: number | null;
  /** By request: the entry whose news was told, or is just being told, since. */
  readonly since: Map<string, number>;
  /** Something could not be told. */
  isOwed: boolean;
}

/** Entries of before a process's first look that are told once more: whoever wrote them may have died before it told. */
const RECENT_ENTRIES = 100;

export const noNews = (): News => ({ upTo: null, since: new Map(), isOwed: false });

/** The requests of which something is to be told, or told again: the same news is the same event. */
export function untold(news: News, state: LedgerState): readonly string[] {
  const upTo = news.upTo ?? Math.max(0, state.last - RECENT_ENTRIES);
  return state.lastNews
    .entries()
    .filter(([id, number]) => number > upTo && news.since.get(id) !== number)
    .map(([id]) => id)
    .toArray();
}

/** Everything up to an entry is told. */
export function allTold(news: News, upTo: number): void {
  Object.assign(news, { upTo, isOwed: false });
  for (const [id, number] of news.since) if (number <= upTo) news.since.delete(id);
}

/** An entry's news could not be told. */
export function notTold(news: News, requestId: string, number: number): void {
  news.isOwed = true;
  news.since.delete(requestId);
  if (news.upTo !== null) news.upTo = Math.min(news.upTo, number - 1);
}
