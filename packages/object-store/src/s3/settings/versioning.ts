import type { GetBucketVersioningCommandOutput } from '@aws-sdk/client-s3';
import type { Question } from './question.ts';

/** Versions are no fault, as a purge erases them; what keeps it from that is. */
export const versioning: Question<GetBucketVersioningCommandOutput> = {
  name: 'versioning',
  right: 's3:GetBucketVersioning',
  ask: (bucket) => bucket.ask((s3, options) => s3.getBucketVersioning({ Bucket: bucket.name }, options)),
  judge: (answer) => {
    const { Status, MFADelete } = answer ?? {};
    if (MFADelete === 'Enabled') {
      return {
        state: 'wrong',
        detail: 'versions are kept, and are deleted only with a second factor',
        advice: 'Turn MFA delete off: what must be forgotten cannot be erased.',
      };
    }
    if (Status === 'Suspended') {
      return {
        state: 'wrong',
        detail: 'suspended: older versions stay, and some of them cannot be erased beside writers',
        advice: 'Turn versioning on.',
      };
    }
    return {
      state: 'fine',
      detail: Status === 'Enabled' ? 'on: older versions are kept until they are purged' : 'off',
    };
  },
};
