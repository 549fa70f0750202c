import type { ReplicationRule } from '@aws-sdk/client-s3';
import type { Bucket } from '../bucket.ts';
import { overlaps, type Question } from './question.ts';

/** What is erased here stays where it was replicated to: S3 replicates no deletion of a version. */
export const replication: Question<readonly string[]> = {
  name: 'replication',
  right: 's3:GetReplicationConfiguration',
  absence: 'ReplicationConfigurationNotFoundError',
  ask: replicasOf,
  judge: (answer) => {
    if (answer === null || answer.length === 0) return { state: 'fine', detail: 'none' };
    return {
      state: 'wrong',
      detail: `objects are replicated to ${answer.join(', ')}`,
      advice: 'What is erased here stays there: erase it there too, or end the replication.',
    };
  },
};

/** Where objects of the store are replicated to. Rejects with the SDK's error where nothing of the kind is set up. */
export async function replicasOf(bucket: Bucket): Promise<readonly string[]> {
  const { ReplicationConfiguration } = await bucket.ask((s3, options) =>
    s3.getBucketReplication({ Bucket: bucket.name }, options),
  );
  const rules = ReplicationConfiguration?.Rules ?? [];
  const ours = rules.filter((rule) => rule.Status === 'Enabled' && overlaps(prefixOf(rule), bucket.prefix));
  return [...new Set(ours.map(placeOf))];
}

const prefixOf = ({ Filter, Prefix }: ReplicationRule): string => Filter?.And?.Prefix ?? Filter?.Prefix ?? Prefix ?? '';

function placeOf({ Destination }: ReplicationRule): string {
  const bucket = Destination?.Bucket?.split(':').at(-1) ?? 'a bucket that is not named';
  return Destination?.Account === undefined ? `bucket ${bucket}` : `bucket ${bucket} of account ${Destination.Account}`;
}
