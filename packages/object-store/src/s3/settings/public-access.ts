import type { PublicAccessBlockConfiguration } from '@aws-sdk/client-s3';
import type { Bucket } from '../bucket.ts';
import { isRefusal, kindOf } from '../classify.ts';
import type { Question } from './question.ts';

interface Access {
  readonly block: PublicAccessBlockConfiguration | null;
  /** Whether the bucket's policy lets everybody in; null where that may not be asked. */
  readonly isPublic: boolean | null;
}

export const publicAccess: Question<Access> = {
  name: 'public-access',
  right: 's3:GetBucketPublicAccessBlock and s3:GetBucketPolicyStatus',
  ask: async (bucket) => {
    // A public policy is told also by stores that know no block, or do not tell of it.
    const isPublic = await policyIsPublic(bucket);
    return { isPublic, block: isPublic === true ? null : await blockOf(bucket) };
  },
  judge: (answer) => {
    const { block = null, isPublic = null } = answer ?? {};
    if (isPublic === true) {
      return {
        state: 'wrong',
        detail: 'the bucket’s policy lets everybody in',
        advice: 'Block public access at once.',
      };
    }
    const { BlockPublicAcls, BlockPublicPolicy, IgnorePublicAcls, RestrictPublicBuckets } = block ?? {};
    if ([BlockPublicAcls, BlockPublicPolicy, IgnorePublicAcls, RestrictPublicBuckets].every((on) => on === true)) {
      return { state: 'fine', detail: 'blocked' };
    }
    return {
      state: 'wrong',
      detail: 'not blocked as a whole: an access list or a policy can make objects public',
      advice: 'Turn on all four settings of Block Public Access.',
    };
  },
};

async function policyIsPublic(bucket: Bucket): Promise<boolean | null> {
  try {
    const { PolicyStatus } = await bucket.ask((s3, options) =>
      s3.getBucketPolicyStatus({ Bucket: bucket.name }, options),
    );
    return PolicyStatus?.IsPublic ?? null;
  } catch (error) {
    if (isRefusal(error, 'NoSuchBucketPolicy')) return false;
    const kind = kindOf(error);
    // What the block says then counts alone.
    if (kind === 'permission-denied' || kind === 'unsupported') return null;
    throw error;
  }
}

async function blockOf(bucket: Bucket): Promise<PublicAccessBlockConfiguration | null> {
  try {
    const answer = await bucket.ask((s3, options) => s3.getPublicAccessBlock({ Bucket: bucket.name }, options));
    return answer.PublicAccessBlockConfiguration ?? null;
  } catch (error) {
    if (isRefusal(error, 'NoSuchPublicAccessBlockConfiguration')) return null;
    throw error;
  }
}
