import { kafkaServer, openTcpProxy, waitFor, whenAvailable } from '@voicemail/testing';
import { expect, it } from 'vitest';
import { kept, newTopic, openLog, readAll, textOf } from './testing/open-kafka-log.ts';

const TEST_LIMIT_MS = 120_000;

whenAvailable(await kafkaServer(), 'an outage of Kafka', (start) => {
  it(
    'is waited for while it is short, and told when it is not; then all goes on by itself',
    {
      timeout: TEST_LIMIT_MS,
    },
    async () => {
      await using network = await openTcpProxy();
      const advertised = `127.0.0.1:${network.port}`;
      const server = await start({ properties: { 'advertised.listeners': `PLAINTEXT://${advertised}` } });
      network.leadTo(Number(server.brokers[0]?.split(':')[1]));
      const topic = newTopic();
      const log = await openLog({ brokers: [advertised], topics: [kept(topic)] });
      const append = (value: string) => log.append([{ topic, key: 'k', value: Buffer.from(value) }]);
      await append('before');
      // A broker that is started anew may take longer than the client tries.
      network.become({ kind: 'cut' });
      const during = append('during');
      await waitFor('it has been tried, and tried again', () => network.refused() > 1);
      network.become({ kind: 'fair' });
      await during;
      await server.kill();
      // Each waits as long as the client tries by itself.
      await Promise.all([
        expect(append('never')).rejects.toMatchObject({ code: 'unavailable', retryable: true }),
        expect(log.check()).rejects.toMatchObject({ code: 'unavailable' }),
        expect(log.lag('one', [topic])).rejects.toMatchObject({ code: 'unavailable' }),
        expect(readAll(log, topic)).rejects.toMatchObject({ code: 'unavailable' }),
      ]);
      await server.restart();
      await expect(log.check()).resolves.toBeUndefined();
      await append('after');
      expect((await readAll(log, topic)).map(textOf)).toEqual(['before', 'during', 'after']);
      expect((await log.lag('one', [topic])).reduce((sum, { waiting }) => sum + waiting, 0)).toBe(3);
    },
  );

  it('at the start is told', { timeout: TEST_LIMIT_MS }, async () => {
    const server = await start();
    await server.kill();
    const opening = openLog({ brokers: server.brokers, topics: [kept(newTopic())] });
    await expect(opening).rejects.toMatchObject({ name: 'LogError', code: 'unavailable', retryable: true });
  });
});
