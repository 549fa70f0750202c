import { execFile } from 'node:child_process';
import { glob, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { topicCatalogue, TOPICS } from '@voicemail/contracts';
import { openKafkaLog } from '@voicemail/event-log';
import { systemClock, systemIds } from '@voicemail/runtime';
import {
  kafkaJava,
  kafkaServer,
  openTempFolder,
  recording,
  redisServer,
  searchBytes,
  waitFor,
  whenAvailable,
  type KafkaServer,
  type Recording,
} from '@voicemail/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { distributedSite } from '../support/distributed.ts';
import { allMessages, postDeposit, startServer, waitForLamp, type Lamp, type Server } from '../support/server.ts';

const LIMIT_MS = 120_000;
const WAIT = { limitMs: 60_000 };
const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
/** Segments that are soon over, and soon compacted: who reads from the start finds gaps. */
const SOON_COMPACTED = { 'log.roll.ms': 300, 'log.cleaner.backoff.ms': 100, 'log.cleaner.min.cleanable.ratio': 0.01 };

const run = promisify(execFile);
const pathOf = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const java = await kafkaJava();
const redis = await redisServer();
const hasKcat = await run('kcat', ['-V']).then(
  () => true,
  () => false,
);

whenAvailable(await kafkaServer(), 'clients of others, on Kafka', (startKafka) => {
  whenAvailable(redis, 'beside the services on Redis', (startRedis) => {
    let [broker, server, audio]: [KafkaServer?, Server?, Recording?] = [];
    let folder = '';
    beforeAll(async () => {
      const [temporary, counts] = await Promise.all([openTempFolder(), startRedis()]);
      broker = await startKafka({ properties: SOON_COMPACTED });
      audio = await recording('wav-pcm', 1);
      folder = temporary.path;
      await writeFile(join(folder, 'hello.wav'), audio.bytes);
      const site = await distributedSite(broker.brokers, counts.url);
      server = await startServer({ dataDir: join(folder, 'data'), env: site.env });
      return async () => {
        await server?.process.stop();
        await Promise.all([site[Symbol.asyncDispose](), temporary[Symbol.asyncDispose]()]);
      };
    }, LIMIT_MS);
    const brokers = (): string => broker!.brokers.join(',');
    const wav = (): string => join(folder, 'hello.wav');

    /** What the API gives of a message, and whether its recording is the one that was published. */
    async function stored(mailbox: string, messageId: string): Promise<Record<string, unknown>> {
      const path = `/v1/mailboxes/${mailbox}/messages/${messageId}`;
      const message = await server!.json<Record<string, unknown>>('GET', path);
      const media = await server!.call('GET', `${path}/media`);
      expect(Buffer.from(await media.arrayBuffer()).equals(audio!.bytes)).toBe(true);
      return message;
    }
    const idsOf = async (mailbox: string): Promise<string[]> =>
      (await allMessages(server!, mailbox)).map(({ messageId }) => messageId).toSorted();

    whenAvailable(java, 'in Java', (startJava) => {
      it(
        'publish deposits with any codec, in both modes, and in transactions, of which aborted ones are not seen',
        async () => {
          await startJava(pathOf('test/support/java/EveryWay.java'), brokers(), '9001', wav()).then(
            ({ ended }) => ended,
          );
          const written = [
            ...CODECS.flatMap((codec) => [`binary-${codec}`, `structured-${codec}`]),
            ...[1, 2].flatMap((number) => [`committed-${number}`, `committed-${number}-structured`]),
          ];
          // The last of the partition: what came before it is done, or was never handed over.
          await waitForLamp(server!, '9001', (lamp) => lamp.new === written.length && !lamp.stale, WAIT);
          expect(await idsOf('9001')).toEqual(written.toSorted());
          expect(await searchBytes(['aborted-1-structured'], await segmentsOf(broker!, TOPICS.deposits))).not.toEqual(
            [],
          );
          for (const messageId of written) {
            expect(await stored('9001', messageId)).toMatchObject({
              messageId,
              mailbox: '9001',
              callerId: '+1 555 121 2000',
              region: 'westeurope',
              priority: 'urgent',
              private: true,
              durationMs: 1_234,
              depositedAt: '2026-11-23T10:00:00.000Z',
              state: 'new',
              revision: 1,
            });
          }
        },
        LIMIT_MS,
      );

      it(
        'have every mailbox’s lamp from the compacted topic, as the example in the docs reads it from the start',
        async () => {
          const { ended } = await startJava(pathOf('docs/examples/Publisher.java'), brokers(), '9002', 'java-1', wav());
          expect(await ended).toMatch(/^voicemail\.deposits-\d+@\d+$/m);
          await waitForLamp(server!, '9002', (lamp) => lamp.new === 1, WAIT);
          expect(await stored('9002', 'java-1')).toMatchObject({ callerId: '+1 555 121 2000', region: 'westus2' });
          const mailboxes = ['9002', '9003', '9004', '9005'];
          let round = 0;
          const depositEverywhere = async (): Promise<void> => {
            round += 1;
            for (const mailbox of mailboxes) await postDeposit(server!, { mailbox, messageId: `m${round}` });
          };
          await depositEverywhere();
          for (const mailbox of mailboxes.slice(1)) await waitForLamp(server!, mailbox, (lamp) => lamp.new === 1, WAIT);
          const isCompacted = async (): Promise<boolean> => {
            await depositEverywhere();
            return isFirstGone(broker!.brokers, '9003');
          };
          await waitFor('a lamp that is no longer true has left the topic', isCompacted, Boolean, WAIT);
          const subscriber = await startJava(pathOf('docs/examples/Subscriber.java'), brokers(), 'somebody-elses');
          const isTold = async (): Promise<boolean> => {
            const last = lastOf(subscriber.output());
            for (const mailbox of mailboxes) {
              const { stale: _stale, ...lamp } = await server!.json<Lamp>('GET', `/v1/mwi/${mailbox}`);
              if (lamp.new < round) return false;
              const told = last.get(`t100/${mailbox}`);
              if (told?.revision !== lamp.revision) return false;
              expect(told).toMatchObject({ new: lamp.new, old: 0, messageSummary: lamp.messageSummary });
            }
            return true;
          };
          await waitFor('the last record of each mailbox is what its lamp shows', isTold, Boolean, WAIT);
          await subscriber.stop();
        },
        LIMIT_MS,
      );

      it('are shown in the docs with lines that the examples have', async () => {
        const shown = blocksOf(await readFile(pathOf('docs/events.md'), 'utf8'), 'java');
        const names = ['Publisher', 'Subscriber'];
        expect(shown).toHaveLength(names.length);
        for (const [index, name] of names.entries()) {
          const example = linesOf(await readFile(pathOf(`docs/examples/${name}.java`), 'utf8'));
          for (const line of linesOf(shown[index] ?? '')) expect(example).toContain(line);
        }
      });
    });

    describe.skipIf(!hasKcat)('as kcat', () => {
      it(
        'publish and subscribe by the very lines of the docs',
        async () => {
          const commands = blocksOf(await readFile(pathOf('docs/events.md'), 'utf8'), 'sh').find((block) =>
            block.startsWith('kcat '),
          );
          const shell = async (script: string): Promise<string> =>
            (await run('sh', ['-c', script], { cwd: folder, env: { ...process.env, BROKERS: brokers() } })).stdout;
          const [publish = '', subscribe = ''] = (commands ?? '').split(/(?=^kcat -C)/m);
          await shell(publish);
          const lamp = await waitForLamp(server!, '9876', ({ new: count }) => count === 1, WAIT);
          expect(await stored('9876', 'msg-2001')).toMatchObject({ callerId: '+1 555 121 2000', region: 'westus2' });
          await waitFor(
            'its lamp is read',
            async () => lastOf(await shell(subscribe)).get('t100/9876'),
            (told) => told?.revision === lamp.revision && told.new === 1,
            WAIT,
          );
        },
        LIMIT_MS,
      );
    });
  });
});

/** The files with a topic's records; their indexes are large, and empty. */
async function segmentsOf({ nodes }: KafkaServer, topic: string): Promise<readonly string[]> {
  const found = await Promise.all(
    nodes.map(({ dataFolder }) => Array.fromAsync(glob(`${dataFolder}/${topic}-*/*.log`))),
  );
  return found.flat();
}

/** Whether compaction has taken a mailbox's first lamp out of the topic, and left a later one. */
async function isFirstGone(brokers: readonly string[], mailbox: string): Promise<boolean> {
  const topics = topicCatalogue({ deposits: [], gdprRequests: [] }).filter(({ name }) => name === TOPICS.mwi);
  const log = await openKafkaLog({ brokers, clientId: 'reader', topics, clock: systemClock(), ids: systemIds() });
  try {
    const counts: number[] = [];
    for await (const { key, value } of log.read(TOPICS.mwi)) {
      if (key !== `t100/${mailbox}` || value === null) continue;
      counts.push((JSON.parse(Buffer.from(value).toString()) as { data: Lamp }).data.new);
    }
    return counts.length > 0 && !counts.includes(1);
  } finally {
    await log.close();
  }
}

/** The last lamp of each key, out of lines of key and event. */
function lastOf(output: string): ReadonlyMap<string, Lamp> {
  const lines = output.split('\n').map((line) => /^(t100\/\d+) (\{.*\})$/.exec(line));
  return new Map(
    lines.flatMap((found) =>
      found === null ? [] : [[found[1] ?? '', (JSON.parse(found[2] ?? '') as { data: Lamp }).data]],
    ),
  );
}

const blocksOf = (markdown: string, language: string): readonly string[] =>
  [...markdown.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, block = '']) => block);

const linesOf = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
