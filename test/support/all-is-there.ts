import { topicCatalogue, TOPICS } from '@voicemail/contracts';
import { openKafkaLog, type EventLog } from '@voicemail/event-log';
import { systemClock, systemIds } from '@voicemail/runtime';
import { waitFor, type WaitOptions } from '@voicemail/testing';
import { expect } from 'vitest';
import type { Publishers } from './publishers.ts';
import { allMessages, type Lamp, type Server } from './server.ts';

/** Whether every lamp is sure of itself and shows at least what was acknowledged when this is called; gives the seconds it took. */
export async function secondsUntilCounted(
  server: Server,
  { acknowledged }: Publishers,
  limits: WaitOptions,
): Promise<number> {
  const startedMs = performance.now();
  const wanted = [...acknowledged].map(([mailbox, ids]) => ({ mailbox, count: ids.length + 1 }));
  const behind = async (): Promise<readonly string[]> => {
    const found: string[] = [];
    for (const { mailbox, count } of wanted) {
      const lamp = await server.json<Lamp>('GET', `/v1/mwi/${mailbox}`);
      if (lamp.stale || lamp.new < count)
        found.push(`${mailbox}: ${lamp.new} of ${count}${lamp.stale ? ', stale' : ''}`);
    }
    return found;
  };
  await waitFor('another deposit of each mailbox is counted', behind, ({ length }) => length === 0, limits);
  return (performance.now() - startedMs) / 1_000;
}

/** Every acknowledged deposit is stored once, every lamp counts them, and a subscriber who reads all lamps ends with the same. */
export async function expectAllIsThere(
  server: Server,
  { acknowledged }: Publishers,
  brokers: readonly string[],
  limits: WaitOptions,
): Promise<void> {
  for (const [mailbox, ids] of acknowledged) {
    const stored = (
      await waitFor(
        `all that ${mailbox} was sent is stored`,
        () => allMessages(server, mailbox),
        ({ length }) => length >= ids.length,
        limits,
      )
    ).map(({ messageId }) => messageId);
    expect(stored.toSorted()).toEqual([...ids].toSorted());
  }
  await using log = await openReader(brokers);
  const wrong = async (): Promise<readonly string[]> => {
    const last = await lastLamps(log.log);
    const found: string[] = [];
    for (const [mailbox, ids] of acknowledged) {
      const lamp = await server.json<Lamp>('GET', `/v1/mwi/${mailbox}`);
      const told = last.get(`t100/${mailbox}`);
      const isRight = !lamp.stale && lamp.new === ids.length && lamp.old === 0;
      const isTold = told?.new === lamp.new && told.revision === lamp.revision;
      if (!isRight || !isTold) found.push(`${mailbox}: ${ids.length}, shown ${lamp.new}, told ${String(told?.new)}`);
    }
    return found;
  };
  await waitFor('lamps and the last records of their topic are right', wrong, ({ length }) => length === 0, limits);
}

async function openReader(brokers: readonly string[]): Promise<AsyncDisposable & { readonly log: EventLog }> {
  const topics = topicCatalogue({ deposits: [], gdprRequests: [] }).filter(({ name }) => name === TOPICS.mwi);
  const log = await openKafkaLog({ brokers, clientId: 'reader', topics, clock: systemClock(), ids: systemIds() });
  return { log, [Symbol.asyncDispose]: () => log.close() };
}

/** As a subscriber has them who drops what is not newer; here nothing older may come at all. */
async function lastLamps(log: EventLog): Promise<ReadonlyMap<string, Lamp>> {
  const last = new Map<string, Lamp>();
  for await (const { key, value } of log.read(TOPICS.mwi)) {
    if (key === null || value === null) continue;
    const { data } = JSON.parse(Buffer.from(value).toString()) as { data: Lamp };
    expect(data.revision).toBeGreaterThanOrEqual(last.get(key)?.revision ?? 0);
    last.set(key, data);
  }
  return last;
}
