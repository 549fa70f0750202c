import { topicCatalogue } from '@voicemail/contracts';
import { DEPOSIT_CONSUMER_GROUP, depositConsumerTopics } from '@voicemail/deposit-consumer';
import type { TopicSettings } from '@voicemail/event-log';

/** Every topic of the log. */
export const everyTopic = (): readonly TopicSettings[] => [
  // GDPR requests are not taken in yet, so nobody has to be done with them.
  ...topicCatalogue({ deposits: [DEPOSIT_CONSUMER_GROUP], gdprRequests: [] }),
  ...depositConsumerTopics(),
];
