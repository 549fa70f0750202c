import type { RecountSource } from '@voicemail/mwi-projector';
import { Redis } from 'ioredis';
import type { Kafka } from 'kafkajs';
import { concurrently } from '../load/concurrently.ts';
import { lampOf } from './project.ts';

export interface BareRebuild {
  readonly kafka: Kafka;
  readonly redisUrl: string;
  /** Where lamps go. */
  readonly to: string;
  readonly source: RecountSource;
  readonly tenant: string;
  /** Mailboxes that are read beside each other. */
  readonly atOnce: number;
}

/** Lamps that are sent together. */
const SENT_TOGETHER = 100;

/** Lists a tenant's mailboxes and reads each as a recount does; counts are plain hashes, and nobody else may be at work. @returns how many. */
export async function rebuildBarely({ kafka, redisUrl, to, source, tenant, atOnce }: BareRebuild): Promise<number> {
  const [redis, producer] = [new Redis(redisUrl), kafka.producer()];
  await producer.connect();
  const mailboxes = await Array.fromAsync(source.listMailboxes(tenant));
  let lamps: { readonly key: string; readonly value: string }[] = [];
  const send = async (): Promise<void> => {
    const messages = lamps;
    lamps = [];
    if (messages.length > 0) await producer.send({ topic: to, messages });
  };
  await concurrently(mailboxes.length, atOnce, async (index) => {
    const mailbox = mailboxes[index] ?? '';
    const entries: string[] = [];
    for await (const { messageId, revision, state } of source.listMessages(tenant, mailbox)) {
      entries.push(messageId, `${revision} ${state} 0`);
    }
    await source.mailboxFacts(tenant, mailbox);
    const key = `${tenant}/${mailbox}`;
    const counts = { new: entries.length / 2, old: 0, revision: Date.now() };
    await Promise.all([redis.hset(`${key}:entries`, ...entries), redis.hset(key, counts)]);
    lamps.push({ key, value: lampOf(mailbox) });
    if (lamps.length >= SENT_TOGETHER) await send();
  });
  await send();
  await producer.disconnect();
  redis.disconnect();
  return mailboxes.length;
}
