import type { TopicSettings } from '../port.ts';
import { DEFAULT_MAX_RECORD_BYTES, DEFAULT_SEGMENT_MS, RECORD_FRAME_BYTES } from './limits.ts';
import { topicRequirements } from './topic-requirements.ts';

/** A topic as it is made where nothing else is asked for, its settings as the brokers call them. */
export interface PlannedTopic {
  readonly name: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** What `openKafkaLog` makes of topics that are not there, for whoever makes them beforehand. */
export function plannedTopics(topics: readonly TopicSettings[]): readonly PlannedTopic[] {
  const bounds = { maxMessageBytes: DEFAULT_MAX_RECORD_BYTES + RECORD_FRAME_BYTES, segmentMs: DEFAULT_SEGMENT_MS };
  return topics.map((topic) => ({
    name: topic.name,
    settings: Object.fromEntries(topicRequirements(topic, bounds).map(({ setting, value }) => [setting, value])),
  }));
}
