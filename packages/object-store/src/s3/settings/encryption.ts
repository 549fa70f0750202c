import type { ServerSideEncryptionConfiguration } from '@aws-sdk/client-s3';
import type { Question } from './question.ts';

export const encryption: Question<ServerSideEncryptionConfiguration | undefined> = {
  name: 'encryption',
  right: 's3:GetEncryptionConfiguration',
  absence: 'ServerSideEncryptionConfigurationNotFoundError',
  ask: async (bucket) => {
    const answer = await bucket.ask((s3, options) => s3.getBucketEncryption({ Bucket: bucket.name }, options));
    return answer.ServerSideEncryptionConfiguration;
  },
  judge: (answer, bucket) => {
    const own = bucket.encryption.SSEKMSKeyId;
    if (own !== undefined) return { state: 'fine', detail: `KMS key ${own}, which this region names` };
    const { SSEAlgorithm, KMSMasterKeyID } = answer?.Rules?.[0]?.ApplyServerSideEncryptionByDefault ?? {};
    if (SSEAlgorithm === undefined) {
      return { state: 'wrong', detail: 'objects are not encrypted', advice: 'Give the bucket a default encryption.' };
    }
    return {
      state: 'fine',
      detail: KMSMasterKeyID === undefined ? SSEAlgorithm : `${SSEAlgorithm}, key ${KMSMasterKeyID}`,
    };
  },
};
