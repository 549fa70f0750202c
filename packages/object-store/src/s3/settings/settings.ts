import type { Clock } from '@voicemail/runtime';
import type { StoreSetting } from '../../port.ts';
import type { Bucket } from '../bucket.ts';
import { encryption } from './encryption.ts';
import { lifecycle } from './lifecycle.ts';
import { objectLock } from './object-lock.ts';
import { publicAccess } from './public-access.ts';
import { settle } from './question.ts';
import { replication } from './replication.ts';
import { clockSetting } from './server-clock.ts';
import { versioning } from './versioning.ts';

/** How the bucket is set up: eight requests. */
export function settingsOf(bucket: Bucket, clock: Clock): Promise<readonly StoreSetting[]> {
  return Promise.all([
    settle(bucket, versioning),
    settle(bucket, replication),
    settle(bucket, objectLock),
    settle(bucket, encryption),
    settle(bucket, publicAccess),
    settle(bucket, lifecycle),
    clockSetting(bucket, clock),
  ]);
}
