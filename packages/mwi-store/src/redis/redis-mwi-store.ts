import type { MailboxRef, MwiSnapshot, MwiStore } from '../port.ts';
import { MwiError } from '../mwi-error.ts';
import type { Connection } from './connection.ts';
import { CHECK_KEY, mailboxKeys, mailboxPattern } from './keys.ts';
import { entriesOf, entryText, settingsText, snapshotOf } from './lamp-text.ts';
import type { RedisMwiStoreOptions } from './options.ts';
import { redisError } from './redis-error.ts';
import { historiesOf, mailboxesOn } from './servers.ts';
import { sweeps } from './sweeps.ts';
import { tenantIndex } from './tenant-index.ts';
import { unsettledIndex } from './unsettled-index.ts';

/** Entries that one call of a purge looks at, about. */
const PURGE_ENTRIES = 500;
const CHECK_KEPT_MS = 60_000;

/** See `openRedisMwiStore`. */
export function redisMwiStore(connection: Connection, { clock, ids }: RedisMwiStoreOptions): MwiStore {
  const { client, commands, masters } = connection;
  const closing = new AbortController();
  const running = new Set<Promise<unknown>>();

  /** Every call of the port: none begins after the end, and each error is one of ours. */
  const call = async <T>(work: () => Promise<T>): Promise<T> => {
    if (closing.signal.aborted) throw new MwiError('closed', 'the counts were closed');
    const begun = work();
    running.add(begun);
    try {
      return await begun;
    } catch (error) {
      const known = redisError(error);
      const fault = known.code === 'unavailable' ? connection.fault() : null;
      throw fault === null ? known : redisError(fault);
    } finally {
      running.delete(begun);
    }
  };

  const lampOf = async (ref: MailboxRef): Promise<MwiSnapshot> =>
    snapshotOf(ref, await commands.readLamp(mailboxKeys(ref)));
  const lampsOf = (refs: readonly MailboxRef[]): Promise<MwiSnapshot[]> => Promise.all(refs.map(lampOf));
  const isCounted = ({ revision }: MwiSnapshot): boolean => revision > 0;

  const complete = sweeps(commands, ids);
  const index = tenantIndex(connection, complete, async (tenant) => {
    for await (const refs of mailboxesOn(masters(), mailboxPattern(tenant), closing.signal)) {
      await Promise.all((await lampsOf(refs)).map((lamp) => index.note(lamp, lamp.settings)));
    }
  });
  const unsettled = unsettledIndex(
    connection,
    complete,
    async (refs) => (await lampsOf(refs)).map(isSettled),
    async () => {
      for await (const refs of mailboxesOn(masters(), mailboxPattern(), closing.signal)) {
        const lamps = await lampsOf(refs);
        await unsettled.noteFound(lamps.filter((lamp) => !isSettled(lamp)));
      }
    },
  );
  /** Notes those found to wait, so that they are recounted. What was read is good all the same where that fails, and is read again. */
  const noteStale = async (lamps: readonly MwiSnapshot[]): Promise<void> =>
    unsettled.noteFound(lamps.filter(({ stale }) => stale)).catch(() => undefined);
  /** Makes a mailbox wait, so that it is found whatever happens meanwhile. */
  const unsettle = async <T>(ref: MailboxRef, work: () => Promise<T>): Promise<T> => {
    await Promise.all([unsettled.note(ref), index.note(ref)]);
    const done = await work();
    await unsettled.note(ref);
    return done;
  };

  const purge = async (ref: MailboxRef, beforeMs: number): Promise<number> => {
    let [cursor, purged] = ['0', 0];
    do {
      const [next, forgotten] = await commands.purgeGone(mailboxKeys(ref), beforeMs, cursor, PURGE_ENTRIES);
      cursor = next;
      purged += forgotten;
    } while (cursor !== '0');
    return purged;
  };

  return {
    apply: (ref, { entries, settings }) =>
      call(async () => {
        const texts = entries.flatMap(entryText);
        await Promise.all([unsettled.note(ref), settings && index.note(ref, settings)]);
        const reply = await commands.applyFacts(mailboxKeys(ref), clock.now(), ...settingsText(settings), ...texts);
        if (reply === null) return null;
        const lamp = snapshotOf(ref, reply);
        if (!isSettled(lamp)) await unsettled.note(ref);
        return lamp;
      }),
    beginRecount: (ref) =>
      call(async () => {
        const token = ids.token();
        await unsettle(ref, () => commands.beginRecount(mailboxKeys(ref), token));
        return token;
      }),
    mergeRecount: (ref, token, { entries, settings }) =>
      call(async () => {
        const texts = entries.flatMap(entryText);
        if (settings !== undefined) await index.note(ref, settings);
        const [settingsRevision, text] = settingsText(settings);
        const keys = mailboxKeys(ref);
        const reply = await commands.mergeRecount(keys, token, clock.now(), settingsRevision, text, ...texts);
        if (reply === null) return null;
        const [drift, ...lamp] = reply;
        return { snapshot: snapshotOf(ref, lamp), drift };
      }),
    entries: (ref) => call(async () => entriesOf(await commands.readEntries(mailboxKeys(ref)))),
    markPublished: (ref, revision) =>
      call(async () => {
        const keys = mailboxKeys(ref);
        const published = await commands.markPublished(keys, revision, 0);
        return published > 0 ? published : unsettle(ref, () => commands.markPublished(keys, revision, 1));
      }),
    read: (ref) =>
      call(async () => {
        const lamp = await lampOf(ref);
        if (!isCounted(lamp)) return null;
        if (lamp.stale) await noteStale([lamp]);
        return lamp;
      }),
    mailboxes: (tenant, { after, limit }) =>
      call(async () => {
        const found: MwiSnapshot[] = [];
        for await (const numbers of index.mailboxes(tenant, after)) {
          for (let at = 0; at < numbers.length && found.length < limit; at += limit) {
            const lamps = await lampsOf(numbers.slice(at, at + limit).map((mailbox) => ({ tenant, mailbox })));
            await noteStale(lamps);
            found.push(...lamps.filter(isCounted));
          }
          if (found.length >= limit) break;
        }
        return found.slice(0, limit);
      }),
    mailboxesOfUser: (tenant, user) =>
      call(async () => {
        const entries = await index.ofUser(tenant, user);
        const numbers = [...new Set(entries.map(({ mailbox }) => mailbox))].toSorted(byNumber);
        const lamps = await lampsOf(numbers.map((mailbox) => ({ tenant, mailbox })));
        await noteStale(lamps);
        const settingsOf = new Map(lamps.map(({ mailbox, settings }) => [mailbox, settings]));
        const isOver = ({ mailbox, settingsRevision }: (typeof entries)[number]): boolean => {
          const settings = settingsOf.get(mailbox)!;
          return (
            settingsRevision < settings.revision ||
            (settingsRevision === settings.revision && !settings.users.includes(user))
          );
        };
        await index.drop(
          tenant,
          entries.filter(isOver).map(({ member }) => member),
        );
        return lamps.filter((lamp) => isCounted(lamp) && lamp.settings.users.includes(user));
      }),
    unsettled: (limit) => call(() => unsettled.find(limit)),
    invalidate: (tenant) =>
      call(async () => {
        let invalidated = 0;
        for await (const numbers of index.mailboxes(tenant, null)) {
          const refs = numbers.map((mailbox) => ({ tenant, mailbox }));
          const done = await Promise.all(
            refs.map((ref) => unsettle(ref, () => commands.makeUnknown(mailboxKeys(ref)))),
          );
          invalidated += done.reduce((sum, one) => sum + one, 0);
        }
        return invalidated;
      }),
    purgeGone: (beforeMs) =>
      call(async () => {
        let purged = 0;
        for await (const refs of mailboxesOn(masters(), `${mailboxPattern()}:entries`, closing.signal)) {
          const each = await Promise.all(refs.map((ref) => purge(ref, beforeMs)));
          purged += each.reduce((sum, one) => sum + one, 0);
        }
        return purged;
      }),
    // A write, because a server without memory, or one that became a replica, still answers reads.
    check: () =>
      call(async () => {
        await client.set(CHECK_KEY, String(clock.now()), 'PX', CHECK_KEPT_MS);
        await historiesOf(masters());
      }),
    close: async () => {
      if (closing.signal.aborted) return;
      closing.abort();
      await Promise.allSettled(running);
      connection.close();
    },
  };
}

const isSettled = ({ stale, revision, publishedRevision }: MwiSnapshot): boolean =>
  !stale && revision <= publishedRevision;

const byNumber = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : Number(a > b));
