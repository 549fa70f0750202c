import type { DatabaseSync } from 'node:sqlite';
import type { CountEntry, Counts } from '@voicemail/domain';
import type { Clock, Ids } from '@voicemail/runtime';
import { changeLamp } from '../lamp.ts';
import { MwiError } from '../mwi-error.ts';
import type { MailboxFacts, MailboxRef, MwiStore } from '../port.ts';
import { classify } from './classify.ts';
import { entryTable } from './entry-table.ts';
import { groupCommit } from './group-commit.ts';
import { KNOWN, isRecounting, mailboxTable, snapshotOf, type StoredLamp } from './mailbox-table.ts';
import { openDatabase } from './open-database.ts';

export interface SqliteMwiStoreOptions {
  /** Path of the database; made, with its folder, if there is none. */
  readonly file: string;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** `gone` entries that one transaction removes: bounds how long the event loop is held up. */
const PURGE_BATCH = 1_000;

/**
 * The counts in a SQLite file that belongs to this process alone. Each call is durable when it resolves; what is lost with the file
 * is rebuilt from the stores by recounts.
 * @throws MwiError `in-use` while another process has the file open, `corrupt`, `full`, `unavailable`.
 */
export async function openSqliteMwiStore({ file, clock, ids }: SqliteMwiStoreOptions): Promise<MwiStore> {
  let db: DatabaseSync;
  try {
    db = openDatabase(file);
  } catch (error) {
    throw classify(error);
  }
  return sqliteMwiStore(db, clock, ids);
}

function sqliteMwiStore(db: DatabaseSync, clock: Clock, ids: Ids): MwiStore {
  const mailboxes = mailboxTable(db);
  const entries = entryTable(db);
  const write = groupCommit(db);
  let isClosed = false;

  const read = async <T>(query: () => T): Promise<T> => {
    if (isClosed) throw new MwiError('closed', 'the counts were closed');
    try {
      return query();
    } catch (error) {
      throw classify(error);
    }
  };
  /** What was counted becomes `counts`, settings are heard of: the lamp follows, and so does its row. */
  const settle = (
    ref: MailboxRef,
    known: StoredLamp,
    counts: Counts,
    settings: MailboxFacts | undefined,
  ): StoredLamp => {
    const lamp = { ...known, ...changeLamp(known, counts, settings, clock.now()) };
    if (lamp.revision !== known.revision || lamp.settings !== known.settings) mailboxes.save(ref, known, lamp);
    return lamp;
  };

  return {
    apply: (ref, { entries: heard, settings }) =>
      write.run(() => {
        const known = mailboxes.find(ref);
        if (known?.generation !== KNOWN) return null;
        const { counts } = entries.merge(known.id, known.counts, heard, clock.now());
        return snapshotOf(ref, settle(ref, known, counts, settings));
      }),
    beginRecount: (ref) =>
      write.run(() => {
        const token = ids.token();
        mailboxes.putToken(mailboxes.findOrAdd(ref).id, token, clock.now());
        return token;
      }),
    mergeRecount: (ref, token, { entries: listed, settings }) =>
      write.run(() => {
        const known = mailboxes.find(ref);
        if (known === null || !isRecounting(known) || known.generation !== token) return null;
        const present = entries.merge(known.id, known.counts, listed.filter(isSomething), clock.now());
        const vanished = listed.filter((entry) => !isSomething(entry)).map((entry) => entry.messageId);
        const { counts, changed } = entries.forget(known.id, present.counts, vanished);
        mailboxes.makeKnown(known.id);
        const lamp = settle(ref, { ...known, generation: KNOWN }, counts, settings);
        return { snapshot: snapshotOf(ref, lamp), drift: present.changed + changed };
      }),
    markPublished: (ref, revision) =>
      write.run(() => {
        const { id, publishedRevision } = mailboxes.findOrAdd(ref);
        mailboxes.markPublished(id, revision);
        return Math.max(publishedRevision, revision);
      }),
    purgeGone: async (beforeMs) => {
      let purged = 0;
      for (;;) {
        const batch = await write.run(() => entries.purgeGone(beforeMs, PURGE_BATCH));
        purged += batch;
        if (batch < PURGE_BATCH) return purged;
      }
    },
    invalidate: (tenant) => write.run(() => mailboxes.makeUnknown(tenant)),
    entries: (ref) =>
      read(() => {
        const known = mailboxes.find(ref);
        return known === null ? [] : entries.counted(known.id);
      }),
    read: (ref) =>
      read(() => {
        const known = mailboxes.find(ref);
        return known === null || known.revision === 0 ? null : snapshotOf(ref, known);
      }),
    mailboxes: (tenant, { after, limit }) => read(() => mailboxes.page(tenant, after, limit)),
    mailboxesOfUser: (tenant, user) => read(() => mailboxes.ofUser(tenant, user)),
    unsettled: (limit) => read(() => mailboxes.unsettled(limit)),
    // A write, because a full disk still answers reads.
    check: () => write.run(() => mailboxes.proveWritable(clock.now())),
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      write.close();
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      db.close();
    },
  };
}

/** `gone` with revision 0: nothing at all was found under the message's key. */
const isSomething = (entry: CountEntry): boolean => entry.state !== 'gone' || entry.revision > 0;
