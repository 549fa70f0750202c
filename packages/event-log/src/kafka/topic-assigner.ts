import { AssignerProtocol, type PartitionAssigner } from 'kafkajs';

/**
 * Gives each partition to one of the members that subscribe its topic, to the one that has the fewest. The client's own assigner takes
 * every member for a subscriber of the leader's topics; in our groups each process has a member for each kind of topic.
 */
export const topicAssigner: PartitionAssigner = ({ cluster }) => ({
  name: 'voicemail-by-topic',
  version: 1,

  protocol: ({ topics }) => ({
    name: 'voicemail-by-topic',
    metadata: AssignerProtocol.MemberMetadata.encode({ version: 1, topics, userData: Buffer.alloc(0) }),
  }),

  assign: async ({ members }) => {
    const subscribers = members
      .map(({ memberId, memberMetadata }) => ({
        memberId,
        topics: AssignerProtocol.MemberMetadata.decode(memberMetadata)?.topics ?? [],
        partitions: new Map<string, number[]>(),
        count: 0,
      }))
      .toSorted((one, other) => (one.memberId < other.memberId ? -1 : 1));
    const topics = [...new Set(subscribers.flatMap((member) => member.topics))].toSorted();
    await cluster.addMultipleTargetTopics(topics);
    for (const topic of topics) {
      const candidates = subscribers.filter((member) => member.topics.includes(topic));
      const partitions = cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId);
      for (const partition of partitions.toSorted((one, other) => one - other)) {
        const member = candidates.reduce((least, one) => (one.count < least.count ? one : least));
        member.partitions.set(topic, [...(member.partitions.get(topic) ?? []), partition]);
        member.count += 1;
      }
    }
    return subscribers.map(({ memberId, partitions }) => ({
      memberId,
      memberAssignment: AssignerProtocol.MemberAssignment.encode({
        version: 1,
        assignment: Object.fromEntries(partitions),
        userData: Buffer.alloc(0),
      }),
    }));
  },
});
