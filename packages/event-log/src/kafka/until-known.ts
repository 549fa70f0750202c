import type { Clock } from '@voicemail/runtime';
import { TOPICS_KNOWN_LIMIT_MS, TOPICS_KNOWN_PAUSE_MS } from './limits.ts';

/**
 * Looks at topics that may have been made a moment ago: the controller has said so, and a broker that has not heard of it yet answers
 * that there is no such topic. The client takes that for the last word. @throws whatever `look` does, that one after some seconds.
 */
export async function untilKnown<T>(clock: Clock, look: () => Promise<T>): Promise<T> {
  const untilMs = clock.monotonicMs() + TOPICS_KNOWN_LIMIT_MS;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (!isUnknownTopic(error) || clock.monotonicMs() >= untilMs) throw error;
    }
    await clock.sleep(TOPICS_KNOWN_PAUSE_MS);
  }
}

const isUnknownTopic = (error: unknown): boolean =>
  error instanceof Error && 'type' in error && error.type === 'UNKNOWN_TOPIC_OR_PARTITION';
