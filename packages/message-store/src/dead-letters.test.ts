import { afterEach, beforeEach, expect, it } from 'vitest';
import { markDeadLetter } from './dead-letter-marks.ts';
import { keepDeadLetter, listDeadLetters, removeDeadLetter, type RejectedRecord } from './dead-letters.ts';
import { searchCaller } from './search-caller.ts';
import { sweepDeadLetters } from './sweep-dead-letters.ts';
import { collect, openWorld, START, sweepAt, type World } from './test-world.ts';

const DAY_MS = 86_400_000;
let world: World;

beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.remove());

const home = () => ({ tenant: world.stores, deployment: world.stores.master.store });
const rejected = (more: Partial<RejectedRecord> = {}): RejectedRecord => ({
  topic: 'voicemail.deposits',
  partition: 0,
  offset: 3,
  key: 't100/9876',
  value: Buffer.from('the sound of hanging up'),
  headers: { ce_id: 'm1' },
  takenAtMs: START,
  reason: 'conflict',
  detail: 'there is another recording under this message id',
  stagedKey: null,
  callerId: '+15551212000',
  ...more,
});

it('the same record is one letter, however often and by whatever way it comes', async () => {
  await keepDeadLetter(home(), rejected(), START);
  const again = rejected({ headers: { 'voicemail-first-taken': '2026-03-02T10:00:00.000Z', ce_id: 'm1' } });
  await keepDeadLetter(home(), again, START + 1);
  expect(await collect(listDeadLetters(home()))).toHaveLength(1);
});

it('two records with the same sound are two letters, as from a log that was made anew', async () => {
  await keepDeadLetter(home(), rejected(), START);
  await keepDeadLetter(home(), rejected({ headers: { ce_id: 'm2' } }), START);
  await keepDeadLetter(home(), rejected({ value: null }), START);
  await keepDeadLetter(home(), rejected({ value: null, key: 't100/9877' }), START);
  expect(await collect(listDeadLetters(home()))).toHaveLength(4);
});

it('half a letter, whose process died, is swept after a day', async () => {
  const letter = await keepDeadLetter(home(), rejected(), world.clock.now());
  await world.stores.master.store.delete(letter.storedAt.replace(/record$/, 'dead-letter.json'));
  expect(await sweepDeadLetters(home(), sweepAt(START + DAY_MS / 2))).toBe(0);
  expect(await sweepDeadLetters(home(), sweepAt(START + DAY_MS + 1))).toBe(1);
  // Its claim stays for those who may still come with the letter.
  expect(await sweepDeadLetters(home(), sweepAt(START + 8 * DAY_MS))).toBe(0);
  expect(await collect(world.stores.master.store.list('t100/dead-letters/'))).toHaveLength(1);
  expect(await sweepDeadLetters(home(), sweepAt(START + 8 * DAY_MS + 1))).toBe(0);
  expect(await collect(world.stores.master.store.list('t100/dead-letters/'))).toEqual([]);
});

it('a letter from before letters had a time is listed, found and swept, by when the log took it', async () => {
  const letter = await keepDeadLetter(home(), rejected({ takenAtMs: START - DAY_MS }), START);
  const { time: _time, ...old } = letter;
  const document = letter.storedAt.replace(/record$/, 'dead-letter.json');
  await world.stores.master.store.put(document, Buffer.from(JSON.stringify(old)), { contentType: 'application/json' });
  const asRead = { ...old, time: old.takenAt };
  expect(await collect(listDeadLetters(home()))).toEqual([asRead]);
  expect(await collect(searchCaller(world.stores, '+15551212000'))).toMatchObject([
    { kind: 'dead-letter', time: old.takenAt, letter: asRead },
  ]);
  await markDeadLetter(world.stores, letter, 'f1', letter.at);
  expect(await collect(listDeadLetters(home()))).toMatchObject([{ ...asRead, forgetRequestIds: ['f1'] }]);
  expect(await sweepDeadLetters(home(), sweepAt(START + 25 * DAY_MS))).toBe(1);
  expect(await collect(world.stores.master.store.list('t100/'))).toEqual([]);
});

it('a removed letter leaves nothing', async () => {
  await removeDeadLetter(home(), await keepDeadLetter(home(), rejected(), START));
  expect(await collect(world.stores.master.store.list('t100/'))).toEqual([]);
});

it('a damaged letter keeps no other from being swept', async () => {
  const first = await keepDeadLetter(home(), rejected(), START);
  await keepDeadLetter(home(), rejected({ offset: 4 }), START);
  const document = first.storedAt.replace(/record$/, 'dead-letter.json');
  await world.stores.master.store.put(document, Buffer.from('{'), { contentType: 'application/json' });
  const failures: unknown[] = [];
  const options = { ...sweepAt(START + 25 * DAY_MS), onFailure: (error: Error) => void failures.push(error) };
  expect(await sweepDeadLetters(home(), options)).toBe(1);
  expect(failures).toMatchObject([{ kind: 'corrupt' }]);
});
