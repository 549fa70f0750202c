import { topicCatalogue } from '@voicemail/contracts';
import { DEPOSIT_CONSUMER_GROUP, depositConsumerTopics } from '@voicemail/deposit-consumer';
import type { TopicSettings } from '@voicemail/event-log';
import { GDPR_SAGA_GROUP } from '@voicemail/gdpr-saga';

/** Every topic of the log. */
export const everyTopic = (): readonly TopicSettings[] => [
  ...topicCatalogue({ deposits: [DEPOSIT_CONSUMER_GROUP], gdprRequests: [GDPR_SAGA_GROUP] }),
  ...depositConsumerTopics(),
];
