import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { waitFor } from '@voicemail/testing';
import type { Admin } from 'kafkajs';
import { kafkaStreams } from './kafka-streams.ts';

const SOURCE = fileURLToPath(new URL('./CountPerKey.java', import.meta.url));
const LIMIT_MS = 120_000;
const EVERY_MS = 10;

export interface CountPerKeyOptions {
  readonly brokers: readonly string[];
  readonly admin: Admin;
  /** A topic of `count` records, and an empty one. */
  readonly from: string;
  readonly to: string;
  readonly count: number;
  readonly applicationId: string;
  /** Of its state store. */
  readonly folder: string;
}

/**
 * Has Kafka Streams count the records of a topic by their keys, with a record out for each. @returns how many a second, from the first
 * that it handled until the last count was in the log.
 */
export async function countPerKey(options: CountPerKeyOptions): Promise<number> {
  const { brokers, admin, from, to, count, applicationId, folder } = options;
  const libraries = await kafkaStreams();
  const child = spawn(
    'java',
    ['-cp', `${libraries}/libs/*`, SOURCE, brokers.join(','), from, to, applicationId, folder],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  }
  const ended = once(child, 'close');
  try {
    const isOver = (): boolean => child.exitCode !== null;
    const written = async (): Promise<number> => {
      if (isOver()) throw new Error(`Kafka Streams ended: ${said}`);
      return (await admin.fetchTopicOffsets(to)).reduce((sum, { high }) => sum + Number(high), 0);
    };
    const limits = { limitMs: LIMIT_MS, everyMs: EVERY_MS };
    await waitFor('all counts are written', written, (records) => records >= count, limits);
    const endedMs = Date.now();
    const begun = /^begun (\d+)$/m.exec(said)?.[1];
    if (begun === undefined) throw new Error(`Kafka Streams does not say when it began: ${said}`);
    return (count * 1_000) / (endedMs - Number(begun));
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}
