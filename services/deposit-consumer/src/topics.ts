import { topicCatalogue, TOPICS } from '@voicemail/contracts';
import { retryTopics, type TopicSettings } from '@voicemail/event-log';
import { RETRY_DELAYS } from './limits.ts';

/** The consumer group of every deposit consumer. */
export const DEPOSIT_CONSUMER_GROUP = 'deposit-consumer';

/** The retry topics that this service reads and writes, cleaned as the topics they belong to. */
export function depositConsumerTopics(): readonly TopicSettings[] {
  const catalogue = topicCatalogue({ deposits: [DEPOSIT_CONSUMER_GROUP], gdprRequests: [] });
  return catalogue
    .filter(({ name }) => name === TOPICS.deposits || name === TOPICS.messageActions)
    .flatMap((topic) => retryTopics(topic, RETRY_DELAYS));
}
