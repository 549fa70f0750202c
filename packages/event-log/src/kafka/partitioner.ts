import { Partitioners } from 'kafkajs';

/** The partition of a key. */
export type Partitioner = (topic: string, partitions: number, key: string | null) => number;

/** Where Java's own client puts a key too (murmur2), so that all publishers of a key agree; without a key, each in turn. */
export function javaPartitioner(): Partitioner {
  const partitionOf = Partitioners.DefaultPartitioner();
  return (topic, partitions, key) => {
    const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
      partitionId,
      partitionErrorCode: 0,
      leader: 0,
      replicas: [],
      isr: [],
    }));
    return partitionOf({ topic, partitionMetadata, message: { key, value: null } });
  };
}
