import { afterEach, beforeEach, expect, test } from 'vitest';
import type { MwiStore } from '@voicemail/mwi-store';
import { at, openWorld, TENANT, type World } from './world/world.ts';

let world: World;

beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

test('many that wait are settled one after another by what one look found: a look reads each of them', async () => {
  const mailboxes = Array.from({ length: 100 }, (_, index) => String(index + 1));
  for (const mailbox of mailboxes) {
    world.truth.put(mailbox, { messageId: 'm1', revision: 1, state: 'new', urgent: false });
    await world.mwi.beginRecount(at(mailbox));
  }
  let looks = 0;
  const unsettled: MwiStore['unsettled'] = async (limit) => {
    const found = await world.mwi.unsettled(limit);
    if (found.length > 0) looks += 1;
    return found;
  };
  await world.start({ mwi: { ...world.mwi, unsettled }, limits: { settleIntervalMs: 1e9 } });
  await world.eventually(async () => expect(await world.mwi.unsettled(1)).toEqual([]));
  for (const mailbox of mailboxes) expect((await world.mwi.read(at(mailbox)))?.counts.new).toBe(1);
  expect(await world.mwi.mailboxes(TENANT, { after: null, limit: 200 })).toHaveLength(mailboxes.length);
  // The first, and one for each that ended when nothing was left to be begun.
  expect(looks).toBeLessThanOrEqual(20);
});
