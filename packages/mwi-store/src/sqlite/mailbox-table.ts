import type { DatabaseSync } from 'node:sqlite';
import { UNKNOWN_LAMP, type Lamp } from '../lamp.ts';
import type { MailboxFacts, MailboxRef, MwiSnapshot } from '../port.ts';

export const KNOWN = 'known';
const MISSING = '';

/** A mailbox's row. */
export interface StoredLamp extends Lamp {
  readonly id: number;
  /** `KNOWN`, `MISSING`, or the token of a recount under way. */
  readonly generation: string;
}

/** Whether a token stands where the mailbox's generation was. */
export const isRecounting = (lamp: StoredLamp): boolean => lamp.generation !== KNOWN && lamp.generation !== MISSING;

interface Row {
  readonly id: number;
  readonly tenant: string;
  readonly mailbox: string;
  readonly generation: string;
  readonly new: number;
  readonly old: number;
  readonly urgent_new: number;
  readonly urgent_old: number;
  readonly settings: string;
  readonly revision: number;
  readonly published_revision: number;
  readonly as_of: number;
}

/** The statements on mailboxes, their users among them. They run in the transaction of whoever calls. */
export function mailboxTable(db: DatabaseSync) {
  const byNumber = db.prepare('SELECT * FROM mailboxes WHERE tenant = ? AND length(mailbox) = ? AND mailbox = ?');
  const insert = db.prepare(
    `INSERT INTO mailboxes (tenant, mailbox, generation, waiting_since, new, old, urgent_new, urgent_old, settings, revision,
       published_revision, as_of) VALUES (?, ?, '${MISSING}', 0, 0, 0, 0, 0, ?, 0, 0, 0)`,
  );
  const update = db.prepare(
    'UPDATE mailboxes SET new = ?, old = ?, urgent_new = ?, urgent_old = ?, settings = ?, revision = ?, as_of = ? WHERE id = ?',
  );
  const updateGeneration = db.prepare('UPDATE mailboxes SET generation = ? WHERE id = ?');
  const updateToken = db.prepare('UPDATE mailboxes SET generation = ?, waiting_since = ? WHERE id = ?');
  const updatePublished = db.prepare(
    'UPDATE mailboxes SET published_revision = ?1 WHERE id = ?2 AND published_revision < ?1',
  );
  const page = db.prepare(
    `SELECT * FROM mailboxes WHERE tenant = ?1 AND (length(mailbox), mailbox) > (?2, ?3) AND revision > 0
     ORDER BY length(mailbox), mailbox LIMIT ?4`,
  );
  const ofUser = db.prepare(
    `SELECT mailboxes.* FROM users JOIN mailboxes ON mailboxes.id = users.mailbox_id
     WHERE users.tenant = ? AND users.user = ? ORDER BY length(mailbox), mailbox`,
  );
  const unsettled = db.prepare(
    `SELECT tenant, mailbox FROM mailboxes WHERE generation <> 'known' OR revision > published_revision
     ORDER BY waiting_since, id LIMIT ?`,
  );
  const forgetTenant = db.prepare('UPDATE mailboxes SET generation = ? WHERE tenant = ?');
  const noteCheck = db.prepare('INSERT OR REPLACE INTO checks (id, at) VALUES (1, ?)');
  const addUser = db.prepare('INSERT INTO users (tenant, user, mailbox_id) VALUES (?, ?, ?)');
  const removeUser = db.prepare('DELETE FROM users WHERE tenant = ? AND user = ? AND mailbox_id = ?');

  const find = (ref: MailboxRef): StoredLamp | null => {
    const row = byNumber.get(ref.tenant, ref.mailbox.length, ref.mailbox) as Row | undefined;
    return row === undefined ? null : storedLamp(row);
  };
  const changeUsers = (ref: MailboxRef, id: number, before: readonly string[], after: readonly string[]): void => {
    const were = new Set(before);
    const are = new Set(after);
    for (const user of were.difference(are)) removeUser.run(ref.tenant, user, id);
    for (const user of are.difference(were)) addUser.run(ref.tenant, user, id);
  };

  return {
    find,
    findOrAdd: (ref: MailboxRef): StoredLamp => {
      const found = find(ref);
      if (found !== null) return found;
      const { lastInsertRowid } = insert.run(ref.tenant, ref.mailbox, JSON.stringify(UNKNOWN_LAMP.settings));
      return { ...UNKNOWN_LAMP, id: Number(lastInsertRowid), generation: MISSING };
    },
    save: (ref: MailboxRef, before: StoredLamp, after: Lamp): void => {
      const { counts, settings, revision, asOf } = after;
      const text = JSON.stringify(settings);
      update.run(counts.new, counts.old, counts.urgentNew, counts.urgentOld, text, revision, asOf, before.id);
      changeUsers(ref, before.id, before.settings.users, settings.users);
    },
    makeKnown: (id: number): void => void updateGeneration.run(KNOWN, id),
    putToken: (id: number, token: string, nowMs: number): void => void updateToken.run(token, nowMs, id),
    markPublished: (id: number, revision: number): void => void updatePublished.run(revision, id),
    makeUnknown: (tenant: string): number => Number(forgetTenant.run(MISSING, tenant).changes),
    page: (tenant: string, after: string | null, limit: number): MwiSnapshot[] =>
      (page.all(tenant, after?.length ?? 0, after ?? '', limit) as unknown as Row[]).map(snapshotOfRow),
    ofUser: (tenant: string, user: string): MwiSnapshot[] =>
      (ofUser.all(tenant, user) as unknown as Row[]).map(snapshotOfRow),
    proveWritable: (nowMs: number): void => void noteCheck.run(nowMs),
    unsettled: (limit: number): MailboxRef[] => unsettled.all(limit) as unknown as MailboxRef[],
  };
}

/** What a reader is told of a mailbox that was counted once. */
export function snapshotOf(ref: MailboxRef, lamp: StoredLamp): MwiSnapshot {
  const { counts, settings, revision, publishedRevision, asOf } = lamp;
  const stale = lamp.generation !== KNOWN;
  return { tenant: ref.tenant, mailbox: ref.mailbox, counts, settings, revision, publishedRevision, asOf, stale };
}

const snapshotOfRow = (row: Row): MwiSnapshot => snapshotOf(row, storedLamp(row));

function storedLamp(row: Row): StoredLamp {
  return {
    id: row.id,
    generation: row.generation,
    counts: { new: row.new, old: row.old, urgentNew: row.urgent_new, urgentOld: row.urgent_old },
    settings: JSON.parse(row.settings) as MailboxFacts,
    revision: row.revision,
    publishedRevision: row.published_revision,
    asOf: row.as_of,
  };
}
