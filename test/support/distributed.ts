import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openTempFolder } from '@voicemail/testing';
import { startServer, type Server, type StartOptions } from './server.ts';

/** A deployment on Kafka and Redis whose recordings are on shared volumes. */
export interface DistributedSite extends AsyncDisposable {
  /** What every process of it has in its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Another process of the deployment, with a data folder of its own. */
  start(options?: Pick<StartOptions, 'isReady' | 'service' | 'env'>): Promise<Server>;
}

export async function distributedSite(brokers: readonly string[], redisUrl: string): Promise<DistributedSite> {
  const temporary = await openTempFolder();
  const folder = temporary.path;
  const tenant = {
    name: 't100',
    tenant_id: 't100',
    tenant_uuid: '2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d',
    status: 'ACTIVE',
    default_country: 'US',
    sip_domain: 'voice.example.com',
    master_region: 'westus2',
    regions: ['westus2', 'westeurope'].map((name) => ({
      name,
      storage: { interface: 'FileSystem', root: join(folder, 'regions', name) },
    })),
  };
  const [tenants, keys] = [join(folder, 'tenants.json'), join(folder, 'caller-hash.key')];
  await mkdir(join(folder, 'regions'));
  await writeFile(tenants, JSON.stringify([tenant]));
  await writeFile(keys, `${randomBytes(32).toString('base64')}\n`);
  const token = randomBytes(16).toString('hex');
  const env = {
    KAFKA_BROKERS: brokers.join(','),
    REDIS_URL: redisUrl,
    TENANTS_FILE: tenants,
    CALLER_HASH_KEY_FILE: keys,
    VOICEMAIL_TOKEN: token,
  };
  return {
    env,
    [Symbol.asyncDispose]: async () => temporary[Symbol.asyncDispose](),
    start: async ({ env: more, ...options } = {}) => startServer({ ...options, env: { ...env, ...more } }),
  };
}
