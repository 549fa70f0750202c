import { AssignerProtocol, Kafka, logLevel, type PartitionAssigner } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { topicAssigner } from './topic-assigner.ts';

type Config = Parameters<PartitionAssigner>[0];

/** What each member gets of topics with so many partitions each. */
async function assign(
  partitions: Readonly<Record<string, number>>,
  members: Readonly<Record<string, readonly string[]>>,
): Promise<Record<string, unknown>> {
  const cluster = {
    addMultipleTargetTopics: async () => {},
    findTopicPartitionMetadata: (topic: string) =>
      Array.from({ length: partitions[topic] ?? 0 }, (_, partitionId) => ({ partitionId })),
  } as unknown as Config['cluster'];
  const logger = new Kafka({ brokers: ['127.0.0.1:1'], logLevel: logLevel.NOTHING }).logger();
  const assigner = topicAssigner({ cluster, groupId: 'group', logger });
  const assigned = await assigner.assign({
    // The client tells the leader's topics alone.
    topics: Object.values(members)[0]?.slice() ?? [],
    members: Object.entries(members).map(([memberId, topics]) => ({
      memberId,
      memberMetadata: assigner.protocol({ topics: [...topics] }).metadata,
    })),
  });
  return Object.fromEntries(
    assigned.map(({ memberId, memberAssignment }) => [
      memberId,
      { ...AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment },
    ]),
  );
}

describe('the partitions of a group', () => {
  it('go to members that subscribe their topic, and to no other', async () => {
    const members = { a: ['mailboxes'], b: ['deposits', 'retries'], c: ['mailboxes'] };
    expect(await assign({ mailboxes: 3, deposits: 2, retries: 1 }, members)).toEqual({
      a: { mailboxes: [0, 2] },
      b: { deposits: [0, 1], retries: [0] },
      c: { mailboxes: [1] },
    });
  });

  it('are spread over all topics together, so that no member has all the first ones', async () => {
    const both = ['one', 'two'];
    expect(await assign({ one: 1, two: 3 }, { a: both, b: both })).toEqual({
      a: { one: [0], two: [1] },
      b: { two: [0, 2] },
    });
  });

  it('leave a member without where there are more members than partitions', async () => {
    expect(await assign({ one: 1 }, { b: ['one'], a: ['one'] })).toEqual({ a: { one: [0] }, b: {} });
  });
});
