import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CALLER_HASH_KEY, regionRoot, tenantEntry } from '../stored/parts.ts';
import type { Servers } from './servers.ts';

/** Writes what every process of a deployment on Kafka and Redis is given. @returns its environment, beside the data folder and the port. */
export async function makeSite(folder: string, { brokers, redisUrl }: Servers): Promise<Record<string, string>> {
  const [tenants, keys] = [join(folder, 'tenants.json'), join(folder, 'caller-hash.key')];
  const root = regionRoot(folder);
  await mkdir(root, { recursive: true });
  await writeFile(tenants, JSON.stringify([tenantEntry({ interface: 'FileSystem', root })]));
  await writeFile(keys, CALLER_HASH_KEY);
  return {
    KAFKA_BROKERS: brokers.join(','),
    REDIS_URL: redisUrl,
    TENANTS_FILE: tenants,
    CALLER_HASH_KEY_FILE: keys,
    VOICEMAIL_TOKEN: 'bench-token-of-one-run',
  };
}
