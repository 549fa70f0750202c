import { mkdir, readFile, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { topicCatalogue, TOPICS } from '@voicemail/contracts';
import { FIRST_TAKEN_HEADER, openKafkaLog, type NewRecord } from '@voicemail/event-log';
import { systemClock, systemIds } from '@voicemail/runtime';
import { deposit, kafkaServer, redisServer, structuredRecord, waitFor, whenAvailable } from '@voicemail/testing';
import { expect, it } from 'vitest';
import { distributedSite } from '../support/distributed.ts';
import { startServer, waitForLamp } from '../support/server.ts';

const LIMIT_MS = 180_000;
const WAIT = { limitMs: 120_000 };
const GOOD = 1_000;
const MAILBOXES = ['7000', '7001', '7002', '7003', '7004', '7005', '7006', '7007', '7008', '7009'];
/** Where those that fail lie among the good ones; all have the key of mailbox 7000, whose later deposits come behind them. */
const [YOUNG, OLD, GARBLED] = [100, 200, 300];
/** From here on what could not be stored becomes a dead letter. */
const MAX_AGE_MS = 6 * 24 * 3_600_000;

interface Letter {
  readonly reason: string;
  readonly partition: number;
  readonly offset: number;
  readonly storedAt: string;
}

const redis = await redisServer();

whenAvailable(await kafkaServer(), 'a thousand good deposits on the one partition of Kafka', (startKafka) => {
  whenAvailable(redis, 'counted in Redis', (startRedis) => {
    it(
      'wait for none among them that always fails; that one ends as a dead letter with its bytes kept',
      async () => {
        const [broker, counts] = await Promise.all([startKafka(), startRedis()]);
        await using site = await distributedSite(broker.brokers, counts.url);
        const region = join(dirname(site.env['TENANTS_FILE'] ?? ''), 'regions/westus2');
        const server = await startServer({ env: { ...site.env, KAFKA_PARTITIONS: '1' } });
        // A folder that leads to itself: the volume fails for these two messages alone, as often as they are tried.
        await mkdir(join(region, 't100/mailboxes/7000/messages'), { recursive: true });
        for (const name of ['young', 'old']) await symlink(name, join(region, 't100/mailboxes/7000/messages', name));

        const records = Array.from({ length: GOOD }, (_, index) =>
          depositOf(MAILBOXES[index % MAILBOXES.length] ?? '7000', `m${index}`),
        );
        const nearlySpent = new Date(Date.now() - MAX_AGE_MS + 500).toISOString();
        const old = depositOf('7000', 'old');
        records.splice(YOUNG, 0, depositOf('7000', 'young'));
        records.splice(OLD, 0, { ...old, headers: { ...old.headers, [FIRST_TAKEN_HEADER]: nearlySpent } });
        records.splice(GARBLED, 0, { topic: TOPICS.deposits, key: 't100/7000', value: Buffer.from([0, 255, 254, 10]) });
        await append(broker.brokers, records);

        for (const mailbox of MAILBOXES) {
          await waitForLamp(server, mailbox, (lamp) => lamp.new === GOOD / MAILBOXES.length && !lamp.stale, WAIT);
        }
        const metric = async (name: string): Promise<number> => {
          const page = await server.call('GET', '/metrics').then((answer) => answer.text());
          return Number(
            page
              .split('\n')
              .find((line) => line.startsWith(`${name} `))
              ?.split(' ')[1],
          );
        };
        const waiting = (): Promise<number> => metric('voicemail_records_waiting{topic="voicemail.deposits"}');
        await waitFor('nothing waits in the topic itself', waiting, (count) => count === 0, WAIT);
        const letters = async (): Promise<readonly Letter[]> =>
          (await server.json<{ items: Letter[] }>('GET', '/v1/dead-letters')).items;
        const two = await waitFor('two are dead letters', letters, ({ length }) => length === 2, WAIT);
        expect(two).toContainEqual(expect.objectContaining({ reason: 'retries-exhausted', partition: 0, offset: OLD }));
        expect(two).toContainEqual(expect.objectContaining({ reason: 'malformed', partition: 0, offset: GARBLED }));
        for (const { offset, storedAt } of two) {
          expect(await readFile(join(region, storedAt))).toEqual(Buffer.from(records[offset]?.value ?? []));
        }
        // The young one has six days left, and waits where it holds up nobody.
        const handled = 'voicemail_records_handled_total{topic="voicemail.deposits",outcome="later"}';
        expect(await metric(handled)).toBeGreaterThanOrEqual(2);
        expect(await server.process.stop()).toEqual({ code: 0, signal: null });
      },
      LIMIT_MS,
    );
  });
});

function depositOf(mailbox: string, messageId: string): NewRecord {
  const media = { contentType: 'audio/wav', bytes: Buffer.from(`RIFF sound of ${messageId}`) };
  return structuredRecord(deposit({ mailbox, messageId, callerId: '+15551212000', durationMs: 1_000, media }));
}

async function append(brokers: readonly string[], records: readonly NewRecord[]): Promise<void> {
  const topics = topicCatalogue({ deposits: [], gdprRequests: [] }).filter(({ name }) => name === TOPICS.deposits);
  const [clock, ids] = [systemClock(), systemIds()];
  const log = await openKafkaLog({ brokers, clientId: 'publisher', topics, partitions: 1, clock, ids });
  try {
    await log.append(records);
  } finally {
    await log.close();
  }
}
