import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { backboneOf, isDistributed, type Backbone } from './backbone.ts';
import { credentialsText } from './clouds.ts';

/**
 * What a server on this data folder has in its environment: nothing in the embedded mode. On Kafka and Redis no process makes a file
 * that all must have alike, so what an embedded server makes at its first start is written here where it is not there yet.
 */
export async function environmentFor(dataDir: string): Promise<Readonly<Record<string, string>>> {
  if (!isDistributed) return {};
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const backbone = await backboneOf(dataDir);
  const [tenants, keys, token] = ['tenants.json', 'caller-hash.key', 'token'].map((name) => join(dataDir, name)) as [
    string,
    string,
    string,
  ];
  const make = async (path: string, text: string): Promise<void> => {
    if (!existsSync(path)) await writeFile(path, text, { mode: 0o600 });
  };
  if (!existsSync(tenants)) {
    await writeFile(join(dataDir, 's3'), credentialsText(backbone.s3.accessKey, backbone.s3.secretKey), {
      mode: 0o600,
    });
    await writeFile(tenants, JSON.stringify([firstTenant(backbone)]), { mode: 0o600 });
  }
  await make(keys, `${randomBytes(32).toString('base64')}\n`);
  await make(token, `${randomBytes(16).toString('hex')}\n`);
  return {
    KAFKA_BROKERS: backbone.kafka.brokers.join(','),
    REDIS_URL: backbone.redis.url,
    TENANTS_FILE: tenants,
    CALLER_HASH_KEY_FILE: keys,
    VOICEMAIL_TOKEN: (await readFile(token, 'utf8')).trim(),
  };
}

/** The tenant of an embedded server's first start, but for its master region: that is on S3, the other one on a volume. */
function firstTenant({ s3, bucket }: Backbone): object {
  return {
    name: 't100',
    tenant_id: 't100',
    tenant_uuid: '2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d',
    status: 'ACTIVE',
    default_country: 'US',
    access_number: '5555',
    sip_domain: 'voice.example.com',
    master_region: 'westus2',
    regions: [
      {
        name: 'westus2',
        storage: {
          interface: 'S3',
          bucket,
          region: s3.region,
          endpoint: s3.endpoint,
          force_path_style: true,
          credentials_file: 's3',
        },
      },
      { name: 'westeurope', storage: { interface: 'FileSystem', root: 'regions/westeurope' } },
    ],
  };
}
