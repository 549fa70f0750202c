import { fileURLToPath } from 'node:url';
import { installed, type Tool } from '@voicemail/testing';

const KAFKA_STREAMS: Tool = {
  name: 'kafka-streams',
  version: '4.3.1',
  install: () => [
    process.execPath,
    fileURLToPath(new URL('./kafka-streams-install.ts', import.meta.url)),
    KAFKA_STREAMS.version,
  ],
  needs: 'Java 17 or later, Maven and a registry that has Kafka Streams',
};

/** The folder with the libraries of Kafka Streams, in `libs`. @throws Error that says what the machine lacks. */
export const kafkaStreams = (): Promise<string> => installed(KAFKA_STREAMS);
