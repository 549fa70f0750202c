import type { ObjectLockConfiguration } from '@aws-sdk/client-s3';
import type { Question } from './question.ts';

export const objectLock: Question<ObjectLockConfiguration | undefined> = {
  name: 'object-lock',
  right: 's3:GetBucketObjectLockConfiguration',
  absence: 'ObjectLockConfigurationNotFoundError',
  ask: async (bucket) => {
    const answer = await bucket.ask((s3, options) => s3.getObjectLockConfiguration({ Bucket: bucket.name }, options));
    return answer.ObjectLockConfiguration;
  },
  judge: (answer) => {
    if (answer?.ObjectLockEnabled !== 'Enabled') return { state: 'fine', detail: 'off' };
    const kept = answer.Rule?.DefaultRetention;
    if (kept === undefined) return { state: 'fine', detail: 'on, and nothing is kept unless it is told of an object' };
    const time = kept.Years === undefined ? `${kept.Days ?? 0} days` : `${kept.Years} years`;
    return {
      state: 'wrong',
      detail: `every version is kept for ${time} (${(kept.Mode ?? 'unknown').toLowerCase()} mode)`,
      advice: 'Take the default retention away: what must be forgotten cannot be erased before it ends.',
    };
  },
};
