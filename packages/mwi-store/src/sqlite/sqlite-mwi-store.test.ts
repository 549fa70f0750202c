import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { manualClock, systemIds } from '@voicemail/runtime';
import { afterEach, describe, expect, test } from 'vitest';
import { mwiStoreContract } from '../contract-suite.ts';
import { facts, MAILBOX, message, mustRead, recount } from '../contract/under-test.ts';
import type { MwiStore } from '../port.ts';
import { openSqliteMwiStore } from './sqlite-mwi-store.ts';

const NOON_MS = Date.parse('2026-11-02T12:00:00Z');

mwiStoreContract(
  'SQLite',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mwi-'));
    const file = join(folder, 'mwi.db');
    const clock = manualClock(NOON_MS);
    const open = () => openSqliteMwiStore({ file, clock, ids: systemIds() });
    const store = await open();
    let current = store;
    const again = async (between: () => void): Promise<MwiStore> => {
      await current.close();
      between();
      current = await open();
      return current;
    };
    return {
      store,
      clock,
      reopen: () => again(() => undefined),
      wipe: () => again(() => rmSync(file)),
      close: async () => {
        await current.close();
        rmSync(folder, { recursive: true });
      },
    };
  },
  { wipe: true },
);

describe('the file', () => {
  const cleanups: (() => void | Promise<void>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  });
  const inFolder = (): string => {
    const folder = mkdtempSync(join(tmpdir(), 'mwi-'));
    cleanups.push(() => rmSync(folder, { recursive: true }));
    return join(folder, 'below', 'mwi.db');
  };
  const open = async (file: string): Promise<MwiStore> => {
    const store = await openSqliteMwiStore({ file, clock: manualClock(NOON_MS), ids: systemIds() });
    cleanups.push(() => store.close());
    return store;
  };

  test('a second owner is refused at once', async () => {
    const file = inFolder();
    await open(file);
    await expect(open(file)).rejects.toMatchObject({ code: 'in-use', retryable: false });
  });

  test('a file that is no database is told apart from one that is in use', async () => {
    const file = inFolder();
    await (await open(file)).close();
    writeFileSync(file, 'not a database at all, but longer than a header of one hundred bytes. '.repeat(20));
    await expect(open(file)).rejects.toMatchObject({ code: 'corrupt' });
  });

  test('calls that wait for their commit when the store is closed are done, however many', async () => {
    const file = inFolder();
    const store = await open(file);
    await recount(store, MAILBOX);
    const calls = Array.from({ length: 600 }, (_, n) => store.apply(MAILBOX, facts(message(`m${n}`, 1))));
    await store.close();
    await Promise.all(calls);
    expect((await mustRead(await open(file), MAILBOX)).counts.new).toBe(600);
  });

  test('a call that fails is undone alone, and the others of its turn stand', async () => {
    const file = inFolder();
    const store = await open(file);
    await recount(store, MAILBOX);
    const good = store.apply(MAILBOX, facts(message('a', 1)));
    const bad = store.apply(MAILBOX, facts(message('b', 1), message('c', Number.NaN)));
    const alsoGood = store.apply(MAILBOX, facts(message('d', 1)));
    await expect(bad).rejects.toMatchObject({ name: 'MwiError' });
    await Promise.all([good, alsoGood]);
    const entries = await store.entries(MAILBOX);
    expect(entries.map((entry) => entry.messageId)).toEqual(['a', 'd']);
    expect((await mustRead(store, MAILBOX)).counts.new).toBe(2);
  });

  test('a closed store is one file that any reader of SQLite opens', async () => {
    const file = inFolder();
    const store = await open(file);
    await recount(store, MAILBOX, facts(message('a', 1)));
    await store.close();
    expect(readdirSync(dirname(file))).toEqual(['mwi.db']);
    const db = new DatabaseSync(file, { readOnly: true });
    expect(db.prepare('SELECT new FROM mailboxes').get()).toEqual({ new: 1 });
    db.close();
  });
});
