import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorld, START, type World } from './world/world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const recount = async (tenant: string, mailbox: string): Promise<void> => {
  const ref = { tenant, mailbox };
  const merged = await world.mwi.mergeRecount(ref, await world.mwi.beginRecount(ref), { entries: [] });
  await world.mwi.markPublished(ref, merged?.snapshot.revision ?? 0);
};
const rebuild = (query = '') => world.call('POST', `/v1/operations/mwi-rebuild${query}`);

describe('a rebuild of the counts', () => {
  beforeEach(async () => {
    for (const mailbox of ['1', '2']) await recount('t100', mailbox);
    await recount('t200', '3');
  });

  it('has every mailbox of the tenant counted again, and no other’s', async () => {
    const answer = await rebuild();
    expect(answer.statusCode).toBe(202);
    expect(answer.json()).toEqual({ mailboxes: 2 });
    expect(await world.mwi.unsettled(10)).toEqual(['1', '2'].map((mailbox) => ({ tenant: 't100', mailbox })));
  });

  it('is 200 when all are counted within the wait that is asked for', async () => {
    await world.mwi.invalidate('t200');
    const answer = rebuild('?waitSeconds=60');
    while ((await world.mwi.unsettled(10)).length < 3) await world.clock.advance(0);
    for (const mailbox of ['1', '2']) await recount('t100', mailbox);
    expect((await world.whileTimePasses(answer)).statusCode).toBe(200);
  });

  it('is 202 when it takes longer', async () => {
    expect((await world.whileTimePasses(rebuild('?waitSeconds=1'))).statusCode).toBe(202);
    expect(world.clock.now() - START).toBeGreaterThanOrEqual(1_000);
  });

  it.each(['-1', '61', 'x', '1.5'])('waits for no %j seconds', async (seconds) => {
    expect((await rebuild(`?waitSeconds=${seconds}`)).statusCode).toBe(400);
    expect(await world.mwi.unsettled(10)).toEqual([]);
  });
});
