import { connect } from 'node:net';
import { kafkaServer, whenAvailable, shared } from '@voicemail/testing';
import { Kafka, logLevel, type ISocketFactory } from 'kafkajs';
import { expect, it, onTestFinished } from 'vitest';
import { Producers } from './producers.ts';
import { kept, newTopic, openLog, readAll, textOf } from './testing/open-kafka-log.ts';

/** Connections over which a test may have nothing more arrive. */
function deafSockets(): { readonly factory: ISocketFactory; isDeaf: boolean } {
  const sockets = {
    isDeaf: false,
    factory: (({ host, port, onConnect }) => {
      const socket = connect({ host, port }, onConnect);
      const emit = socket.emit.bind(socket);
      // An answer that is lost: the request was carried out.
      socket.emit = (event: string, ...args: unknown[]) => (event === 'data' && sockets.isDeaf) || emit(event, ...args);
      return socket;
    }) satisfies ISocketFactory,
  };
  return sockets;
}

const message = (value: string) => ({ key: null, value });

whenAvailable(shared(await kafkaServer()), 'producers on Kafka', (start) => {
  it('keep what follows a send of which nobody knows how it ended, and what was sent again only once', async () => {
    const { brokers } = await start();
    const topic = newTopic();
    const log = await openLog({ brokers, topics: [kept(topic)], partitions: 1 });
    const sockets = deafSockets();
    const kafka = new Kafka({
      brokers: [...brokers],
      clientId: 'test',
      logLevel: logLevel.NOTHING,
      socketFactory: sockets.factory,
      requestTimeout: 2_000,
    });
    const producers = new Producers(kafka, { retries: 2, initialRetryTime: 10, maxRetryTime: 50 });
    onTestFinished(() => producers.close());
    expect(await producers.send(topic, 0, [message('before')])).toBe(0);
    sockets.isDeaf = true;
    const lost = producers.send(topic, 0, [message('unknown')]);
    await expect(lost).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    sockets.isDeaf = false;
    expect(await producers.send(topic, 0, [message('after')])).toBe(2);
    expect((await readAll(log, topic)).map(textOf)).toEqual(['before', 'unknown', 'after']);
  });
});
