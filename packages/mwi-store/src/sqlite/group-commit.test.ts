import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { groupCommit } from './group-commit.ts';

const PAGE_LIMIT = 20;

function database(): DatabaseSync {
  const db = new DatabaseSync(':memory:');
  db.exec('CREATE TABLE rows (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL)');
  return db;
}
const count = (db: DatabaseSync): unknown => db.prepare('SELECT count(*) AS n FROM rows').get()?.['n'];

test('calls of one turn share one transaction, in their order', async () => {
  const db = database();
  const write = groupCommit(db);
  const insert = db.prepare('INSERT INTO rows (bytes) VALUES (?)');
  const seen: boolean[] = [];
  const add = () =>
    write.run(() => {
      seen.push(db.isTransaction);
      return Number(insert.run(Buffer.from('x')).lastInsertRowid);
    });
  const first = [add(), add(), add()];
  expect(count(db)).toBe(0);
  expect(await Promise.all(first)).toEqual([1, 2, 3]);
  expect(seen).toEqual([true, true, true]);
});

test('on a full disk every call of the turn is refused as full, none is half done, and with room they succeed', async () => {
  const db = database();
  db.exec(`PRAGMA max_page_count = ${PAGE_LIMIT}`);
  const write = groupCommit(db);
  const insert = db.prepare('INSERT INTO rows (bytes) VALUES (?)');
  const add = (bytes: number) => write.run(() => insert.run(Buffer.alloc(bytes)).changes);
  await add(100);
  const results = await Promise.allSettled([add(100), add(1_000_000), add(100)]);
  const refused = results.filter((result) => result.status === 'rejected');
  expect(refused.length).toBeGreaterThan(0);
  for (const { reason } of refused) expect(reason).toMatchObject({ code: 'full', retryable: true });
  expect(db.isTransaction).toBe(false);
  expect(count(db)).toBe(1 + results.length - refused.length);
  db.exec('PRAGMA max_page_count = 10000');
  await Promise.all([add(100), add(1_000_000)]);
  expect(count(db)).toBe(3 + results.length - refused.length);
});

test('what a failing call wrote before it failed is undone', async () => {
  const db = database();
  const write = groupCommit(db);
  const insert = db.prepare('INSERT INTO rows (bytes) VALUES (?)');
  const bad = write.run(() => {
    insert.run(Buffer.from('x'));
    insert.run(null);
  });
  const good = write.run(() => insert.run(Buffer.from('y')).changes);
  await expect(bad).rejects.toMatchObject({ name: 'MwiError' });
  expect(await good).toBe(1);
  expect(count(db)).toBe(1);
});
