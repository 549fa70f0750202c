import type { Clock } from '@voicemail/runtime';
import type { Admin, ITopicConfig } from 'kafkajs';
import kafkajs from 'kafkajs';
import { LogError } from '../log-error.ts';
import type { TopicSettings } from '../port.ts';
import { kafkaError } from './kafka-error.ts';
import { fulfils, topicRequirements, type Requirement, type TopicBounds } from './topic-requirements.ts';
import { untilKnown } from './until-known.ts';

export interface TopicsWanted extends TopicBounds {
  readonly topics: readonly TopicSettings[];
  /** Of a topic that is made, and the fewest of one that is there. */
  readonly partitions: number;
  /** Of a topic that is made; the brokers' default unless told. */
  readonly replicationFactor?: number;
  readonly clock: Clock;
}

/** With so many copies of a record, an acknowledged one is to be on two before it is. */
const REPLICAS_FOR_TWO = 3;

/**
 * Makes the topics that are not there, and looks at those that are. Gives how many partitions each has.
 * @throws LogError `incompatible` with every setting that is wrong; nothing was changed then but for what was made. `unavailable`.
 */
export async function ensureTopics(admin: Admin, wanted: TopicsWanted): Promise<ReadonlyMap<string, number>> {
  const { clock } = wanted;
  const names = wanted.topics.map(({ name }) => name);
  try {
    const there = new Set(await admin.listTopics());
    const absent = wanted.topics.filter(({ name }) => !there.has(name));
    const present = wanted.topics.filter(({ name }) => there.has(name));
    const areOurs = absent.length === 0 || (await make(admin, absent, wanted));
    // Another process may have made some in the same moment, perhaps differently.
    const partitions = await untilKnown(clock, () => partitionsOf(admin, names));
    const toExamine = areOurs ? present : wanted.topics;
    const faults = await untilKnown(clock, () => findFaults(admin, toExamine, partitions, wanted));
    if (faults.length > 0) {
      throw new LogError(
        'incompatible',
        `the topics are not as they must be; change them, or the settings of this process:\n${faults.join('\n')}`,
      );
    }
    return partitions;
  } catch (error) {
    throw kafkaError('the topics cannot be made or looked at', error);
  }
}

/** @returns whether all of them were made by this call. */
function make(admin: Admin, topics: readonly TopicSettings[], wanted: TopicsWanted): Promise<boolean> {
  const { partitions, replicationFactor = -1 } = wanted;
  const durable = replicationFactor >= REPLICAS_FOR_TWO ? [{ name: 'min.insync.replicas', value: '2' }] : [];
  return admin.createTopics({
    // It would wait for leaders, and fail on a broker that has not heard of the topic yet.
    waitForLeaders: false,
    topics: topics.map((topic): ITopicConfig => ({
      topic: topic.name,
      numPartitions: partitions,
      replicationFactor,
      configEntries: [
        ...topicRequirements(topic, wanted).map(({ setting, value }) => ({ name: setting, value })),
        ...durable,
      ],
    })),
  });
}

async function partitionsOf(admin: Admin, names: string[]): Promise<ReadonlyMap<string, number>> {
  const { topics } = await admin.fetchTopicMetadata({ topics: names });
  return new Map(topics.map(({ name, partitions }) => [name, partitions.length]));
}

async function findFaults(
  admin: Admin,
  topics: readonly TopicSettings[],
  counts: ReadonlyMap<string, number>,
  wanted: TopicsWanted,
): Promise<string[]> {
  if (topics.length === 0) return [];
  const names = topics.map(({ name }) => name);
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: names.map((name) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name })),
  });
  return topics.flatMap((topic) => {
    const partitions = counts.get(topic.name) ?? 0;
    const settings = resources.find(({ resourceName }) => resourceName === topic.name)?.configEntries ?? [];
    const actual = new Map(settings.map(({ configName, configValue }) => [configName, configValue]));
    const wrong = topicRequirements(topic, wanted).filter((one) => !fulfils(actual.get(one.setting) ?? '', one));
    return [
      ...(partitions < wanted.partitions
        ? [`${topic.name}: it has ${partitions} partitions, and must have ${wanted.partitions} at least`]
        : []),
      ...wrong.map(
        (one) => `${topic.name}: ${one.setting} is ${actual.get(one.setting) ?? 'not set'}, and must be ${told(one)}`,
      ),
    ];
  });
}

const told = ({ value, rule }: Requirement): string =>
  rule === undefined ? value : `${value} ${rule === 'at-least' ? 'or more' : 'or less'}`;
