import type { TopicSettings } from '../port.ts';

/** What a topic's setting must be, as the brokers call it. */
export interface Requirement {
  readonly setting: string;
  /** What it is set to when the topic is made. */
  readonly value: string;
  /** Otherwise that very value. */
  readonly rule?: 'at-least' | 'at-most';
}

export interface TopicBounds {
  readonly maxMessageBytes: number;
  readonly segmentMs: number;
}

/** The settings that a topic's cleanup comes down to on Kafka (CONTRACT section 3). */
export function topicRequirements({ cleanup }: TopicSettings, bounds: TopicBounds): readonly Requirement[] {
  return [
    // When the log took a record is for the log to say, not for whoever publishes.
    { setting: 'message.timestamp.type', value: 'LogAppendTime' },
    { setting: 'max.message.bytes', value: String(bounds.maxMessageBytes), rule: 'at-least' },
    { setting: 'cleanup.policy', value: cleanup.kind === 'compact' ? 'compact' : 'delete' },
    ...(cleanup.kind === 'compact'
      ? []
      : [
          { setting: 'retention.ms', value: String(cleanup.retentionMs) },
          // By size, records would go that nobody has handled.
          { setting: 'retention.bytes', value: '-1' },
        ]),
    ...(cleanup.kind === 'trim'
      ? [{ setting: 'segment.ms', value: String(segmentMs(cleanup.afterMs, bounds)), rule: 'at-most' } as const]
      : []),
  ];
}

/** A segment must be over before what is in it is due: then the next record begins a new one, and the old one can go. */
const segmentMs = (afterMs: number, bounds: TopicBounds): number =>
  Math.max(1, Math.min(bounds.segmentMs, Math.floor(afterMs / 2)));

/** Whether what a topic has fits. */
export function fulfils(actual: string, { value, rule }: Requirement): boolean {
  if (rule === 'at-least') return Number(actual) >= Number(value);
  if (rule === 'at-most') return Number(actual) <= Number(value);
  return actual === value;
}
