import type { DatabaseSync } from 'node:sqlite';
import { isNewerEntry, replaceEntry, type CountEntry, type Counts } from '@voicemail/domain';

interface Row {
  readonly revision: number;
  readonly state: CountEntry['state'];
  readonly urgent: number;
}

export interface Merged {
  readonly counts: Counts;
  /** Messages that were counted otherwise before. */
  readonly changed: number;
}

/** The statements on a mailbox's entries. They run in the transaction of whoever calls. */
export function entryTable(db: DatabaseSync) {
  const one = db.prepare('SELECT revision, state, urgent FROM entries WHERE mailbox_id = ? AND message_id = ?');
  const put = db.prepare(
    `INSERT INTO entries (mailbox_id, message_id, revision, state, urgent, gone_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
     ON CONFLICT DO UPDATE SET revision = ?3, state = ?4, urgent = ?5, gone_at = ?6`,
  );
  const remove = db.prepare('DELETE FROM entries WHERE mailbox_id = ? AND message_id = ?');
  const counted = db.prepare(
    `SELECT message_id, revision, state, urgent FROM entries WHERE mailbox_id = ? AND state <> 'gone'`,
  );
  const purge = db.prepare(
    `DELETE FROM entries WHERE (mailbox_id, message_id) IN
       (SELECT mailbox_id, message_id FROM entries WHERE gone_at < ? LIMIT ?)`,
  );

  const known = (mailboxId: number, messageId: string): CountEntry | undefined => {
    const row = one.get(mailboxId, messageId) as Row | undefined;
    return row === undefined ? undefined : entryOf(messageId, row);
  };
  /** Each entry that is newer takes the place of what is known, and the counts follow. */
  const merge = (mailboxId: number, counts: Counts, entries: readonly CountEntry[], nowMs: number): Merged => {
    let merged: Merged = { counts, changed: 0 };
    for (const entry of entries) {
      const before = known(mailboxId, entry.messageId);
      if (!isNewerEntry(before, entry)) continue;
      const goneAtMs = entry.state === 'gone' ? nowMs : null;
      put.run(mailboxId, entry.messageId, entry.revision, entry.state, entry.urgent ? 1 : 0, goneAtMs);
      merged = {
        counts: replaceEntry(merged.counts, before, entry),
        changed: merged.changed + (isCountedAlike(before, entry) ? 0 : 1),
      };
    }
    return merged;
  };
  /** Forgets entries of messages under whose keys there is nothing at all. */
  const forget = (mailboxId: number, counts: Counts, messageIds: readonly string[]): Merged => {
    let merged: Merged = { counts, changed: 0 };
    for (const messageId of messageIds) {
      const before = known(mailboxId, messageId);
      if (before === undefined) continue;
      remove.run(mailboxId, messageId);
      const after: CountEntry = { ...before, state: 'gone' };
      merged = {
        counts: replaceEntry(merged.counts, before, after),
        changed: merged.changed + (isCountedAlike(before, after) ? 0 : 1),
      };
    }
    return merged;
  };

  return {
    merge,
    forget,
    counted: (mailboxId: number): CountEntry[] =>
      (counted.all(mailboxId) as unknown as (Row & { readonly message_id: string })[]).map((row) =>
        entryOf(row.message_id, row),
      ),
    purgeGone: (beforeMs: number, limit: number): number => Number(purge.run(beforeMs, limit).changes),
  };
}

const entryOf = (messageId: string, row: Row): CountEntry => ({
  messageId,
  revision: row.revision,
  state: row.state,
  urgent: row.urgent === 1,
});

function isCountedAlike(before: CountEntry | undefined, after: CountEntry): boolean {
  const was = before?.state ?? 'gone';
  return was === after.state && (was === 'gone' || before?.urgent === after.urgent);
}
