import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  azureServer,
  composeLoader,
  freePort,
  kafkaServer,
  redisServer,
  s3Server,
  waitFor,
  whenAvailable,
  type ComposeModel,
} from '@voicemail/testing';
import { Kafka, logLevel } from 'kafkajs';
import { beforeAll, expect, it } from 'vitest';
import { SERVICE_NAMES } from '../../services/voicemail/src/service-names.ts';
import { openComposed, type Composed } from '../support/composed.ts';

const CHECKOUT = fileURLToPath(new URL('../../', import.meta.url));
const REGIONS = ['westus2', 'us-east-1', 'westeurope'];
const LIMIT_MS = 300_000;
const WAIT = { limitMs: 120_000 };
// Each look is a process.
const LOOKS = { ...WAIT, everyMs: 500 };

const load = await composeLoader();
// Its roots take mounts, and its user is another one.
const canRun = load !== undefined && process.getuid?.() === 0;
if (!canRun) process.stderr.write('\nThe services of docker-compose.yml are not run: that takes root.\n');
const model = load === undefined ? { services: {} } : await load(join(CHECKOUT, 'docker-compose.yml'));
const [kafka, redis, azure, s3] = await Promise.all([kafkaServer(), redisServer(), azureServer(), s3Server()]);

/** What the compose file has Kafka told, but for addresses and folders, which are another machine's. */
function kafkaProperties({ services }: ComposeModel): Readonly<Record<string, string>> {
  const told = Object.entries(services['kafka']?.environment ?? {});
  const ours = told.filter(([name]) => !/LISTENER|VOTERS|LOG_DIRS|NODE_ID|ROLES|HEAP/.test(name));
  return Object.fromEntries(
    ours.map(([name, value]) => [name.replace('KAFKA_', '').toLowerCase().replaceAll('_', '.'), String(value)]),
  );
}

const portOf = (address: string): number => Number(new URL(address).port);

whenAvailable(kafka, 'the services of docker-compose.yml, on Kafka', (startKafka) => {
  whenAvailable(redis, 'Redis', (startRedis) => {
    whenAvailable(azure, 'Azure', (startAzure) => {
      whenAvailable(s3, 'and S3', (startS3) => {
        let composed: Composed;
        beforeAll(async () => {
          if (!canRun) {
            if ((process.env['CI'] ?? '') === '') return undefined;
            throw new Error('Where CI is set nothing may be left out: root is missing.');
          }
          composed = await openComposed(model, CHECKOUT);
          return () => composed[Symbol.asyncDispose]();
        }, LIMIT_MS);

        const secret = async (path: string): Promise<string> =>
          (await readFile(composed.inVolume('secrets', path), 'utf8')).trim();

        /** Starts the servers that the services meet, with the keys that were made for them. @returns Kafka's brokers. */
        async function startServers(): Promise<readonly string[]> {
          const keys = { accessKey: await secret('s3/access_key'), secretKey: await secret('s3/secret_key') };
          const [log, counts, blobs, bucket] = await Promise.all([
            startKafka({ properties: kafkaProperties(model) }),
            startRedis(),
            startAzure({ account: 'voicemail', key: await secret('azure/account_key') }),
            startS3({ keys }),
          ]);
          await bucket.makeBucket('voicemail');
          composed.meet({
            'kafka:9092': portOf(`kafka://${log.brokers[0]}`),
            'redis:6379': portOf(counts.url),
            'azurite:10000': portOf(blobs.url),
            's3:7070': portOf(bucket.endpoint),
          });
          const connection = composed.inVolume('secrets', 'azure/connection_string');
          await writeFile(connection, composed.natively(await readFile(connection, 'utf8')));
          return log.brokers;
        }

        /** Starts a service, and waits until its own check finds it healthy. */
        async function startHealthy(name: string) {
          const port = await freePort();
          const container = await composed.start(name, { port });
          const [kind, ...command] = model.services[name]?.healthcheck?.test ?? [];
          expect(kind).toBe('CMD');
          const look = async (): Promise<boolean> => {
            const check = await composed.start(name, { port, command });
            return (await check.exited).code === 0;
          };
          const ended = container.exited.then(() => Promise.reject(new Error(`It ended: ${container.output()}`)));
          const healthy = waitFor(`${name} is healthy`, look, Boolean, LOOKS).catch((error: unknown) => {
            throw new Error(`${String(error)}\n${container.output()}`, { cause: error });
          });
          await Promise.race([healthy, ended]);
          // Later it ends because it is told to.
          ended.catch(() => undefined);
          return { name, port, container };
        }

        it.skipIf(!canRun)(
          'come up one after the other, take a message into every region, light the lamp, and stop when they are told to',
          async () => {
            await composed.succeed('secrets');
            const token = await secret('token');
            await composed.succeed('secrets');
            expect(await secret('token')).toBe(token);
            const brokers = await startServers();
            await composed.succeed('container');
            await composed.succeed('container');
            const running = await Promise.all(SERVICE_NAMES.map(startHealthy));
            const port = running.find(({ name }) => name === 'api')?.port ?? 0;
            const call = (path: string, init: RequestInit = {}): Promise<Response> =>
              fetch(`http://127.0.0.1:${port}${path}`, {
                ...init,
                headers: { authorization: `Bearer ${token}`, ...(init.headers as Record<string, string>) },
              });
            const json = async <T>(path: string): Promise<T> => (await (await call(path)).json()) as T;

            for (const region of REGIONS) {
              const headers = {
                'ce-specversion': '1.0',
                'ce-type': 'voicemail.deposit.v1',
                'ce-source': '/test',
                'ce-id': region,
                'ce-time': new Date().toISOString(),
                'ce-tenant': 't100',
                'ce-mailbox': '9876',
                'ce-region': region,
                'content-type': 'audio/wav',
              };
              const body = `RIFF ${region}`;
              expect((await call('/v1/events/voicemail.deposits', { method: 'POST', headers, body })).status).toBe(202);
            }
            const lamp = (): Promise<{ new: number }> => json('/v1/mwi/9876');
            await waitFor('the lamp is on', lamp, ({ new: seen }) => seen === REGIONS.length, WAIT);
            for (const region of REGIONS) {
              expect(await (await call(`/v1/mailboxes/9876/messages/${region}/media`)).text()).toBe(`RIFF ${region}`);
            }
            const said = await composed.succeed('api', { port, command: ['voicemail', 'mwi'] });
            expect(said).toContain('lamp of 9876: on   3 new, 0 old');
            await composed.succeed('api', { port, command: ['voicemail', 'doctor'] });

            // What names no known tenant is kept by one process, and told by another.
            const producer = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).producer();
            await producer.connect();
            await producer.send({ topic: 'voicemail.deposits', messages: [{ key: 'nobody/1', value: 'no event' }] });
            await producer.disconnect();
            const letters = (): Promise<{ items: readonly object[] }> => json('/v1/dead-letters');
            await waitFor('the api tells of the dead letter', letters, ({ items }) => items.length === 1, WAIT);

            const write = "fs.writeFileSync('/opt/voicemail/mine', '')";
            const refused = await composed.start('api', { command: ['node', '-e', write] });
            expect((await refused.exited).code).toBe(1);
            expect(refused.output()).toContain('EROFS');

            for (const { container } of running) container.signal('SIGTERM');
            for (const { container } of running) expect(await container.exited).toEqual({ code: 0, signal: null });
          },
          LIMIT_MS,
        );
      });
    });
  });
});
