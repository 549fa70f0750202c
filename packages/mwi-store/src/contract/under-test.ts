import type { CountEntry, MessageState } from '@voicemail/domain';
import type { ManualClock } from '@voicemail/runtime';
import { UNPROVISIONED_FACTS } from '../lamp.ts';
import type { MailboxFacts, MailboxRef, MwiChange, MwiSnapshot, MwiStore } from '../port.ts';

/** An empty store and the clock that it goes by. */
export interface MwiStoreUnderTest {
  readonly store: MwiStore;
  readonly clock: ManualClock;
  /** Loses everything, as the backend may at any moment. Returns the store as it is afterwards. Absent where that cannot happen. */
  readonly wipe?: () => Promise<MwiStore>;
  /** Lets go of the store and opens it again, as a restarted process does. */
  readonly reopen: () => Promise<MwiStore>;
  close(): Promise<void>;
}

/** Opens a store that no other test sees. */
export type OpenMwiStore = () => Promise<MwiStoreUnderTest>;

export const MAILBOX: MailboxRef = { tenant: 't100', mailbox: '9876' };

export const message = (
  messageId: string,
  revision: number,
  state: MessageState | 'gone' = 'new',
  urgent = false,
): CountEntry => ({ messageId, revision, state, urgent });

export const facts = (...entries: readonly CountEntry[]): MwiChange => ({ entries });

export const settings = (changed: Partial<MailboxFacts>): MailboxFacts => ({
  ...UNPROVISIONED_FACTS,
  revision: 1,
  ...changed,
});

/** Recounts a mailbox as the stores would list it. */
export async function recount(store: MwiStore, ref: MailboxRef, listing: MwiChange = facts()): Promise<MwiSnapshot> {
  const merged = await store.mergeRecount(ref, await store.beginRecount(ref), listing);
  if (merged === null) throw new Error('the recount was overtaken');
  return merged.snapshot;
}

/** Applies facts to a mailbox that is known. */
export async function apply(store: MwiStore, ref: MailboxRef, change: MwiChange): Promise<MwiSnapshot> {
  const snapshot = await store.apply(ref, change);
  if (snapshot === null) throw new Error('the mailbox is unknown');
  return snapshot;
}

export async function mustRead(store: MwiStore, ref: MailboxRef): Promise<MwiSnapshot> {
  const snapshot = await store.read(ref);
  if (snapshot === null) throw new Error('the mailbox was never counted');
  return snapshot;
}
