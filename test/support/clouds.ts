import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeContainer, tempFolder, type AzureServer, type S3Server } from '@voicemail/testing';

/** The names of the three regions, and what each is on. */
export const REGIONS = { west: 'a volume', europe: 'Azure Blob Storage', east: 'Amazon S3' } as const;
export type RegionName = keyof typeof REGIONS;

/** A data folder whose tenant t100 has a region on each kind of store. Container and bucket are its own. */
export interface CloudSite {
  readonly dataDir: string;
  /** Also the bucket's name. */
  readonly container: string;
  /** Replaces a secret file in one step, as an operator or a mounted secret does. */
  writeSecret(name: 'europe' | 'east', text: string): Promise<void>;
  /** Replaces the tenants' file in one step. */
  writeTenants(regions: readonly RegionName[], master: RegionName): Promise<void>;
}

let sites = 0;

/**
 * @param urls where the servers are reached, if not directly.
 * @param signed whether the account is entered by the signature in the secret file, and not by a connection string.
 */
export async function cloudSite(
  azure: AzureServer,
  s3: S3Server,
  { signed = false, endpoint = s3.endpoint }: { readonly signed?: boolean; readonly endpoint?: string } = {},
): Promise<CloudSite> {
  sites += 1;
  const container = `voicemail-${sites}`;
  await makeContainer(azure, container);
  await s3.makeBucket(container);
  const dataDir = join(await tempFolder(), 'data');
  await mkdir(dataDir, { mode: 0o700 });
  const replace = async (name: string, text: string): Promise<void> => {
    await writeFile(join(dataDir, `${name}.new`), text, { mode: 0o600 });
    await rename(join(dataDir, `${name}.new`), join(dataDir, name));
  };
  const storages: Readonly<Record<RegionName, object>> = {
    west: { interface: 'FileSystem', root: 'regions/west' },
    europe: {
      interface: 'BlobStorage',
      container,
      ...(signed ? { account_url: azure.url, sas_file: 'europe' } : { connection_string_file: 'europe' }),
    },
    east: {
      interface: 'S3',
      bucket: container,
      prefix: 'production/',
      region: s3.region,
      endpoint,
      force_path_style: true,
      credentials_file: 'east',
    },
  };
  await replace('europe', azure.connectionString);
  await replace('east', credentialsText(s3.accessKey, s3.secretKey));
  return {
    dataDir,
    container,
    writeSecret: replace,
    writeTenants: (regions, master) =>
      replace(
        'tenants.json',
        JSON.stringify([
          {
            name: 't100',
            tenant_id: 't100',
            tenant_uuid: '2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d',
            status: 'ACTIVE',
            master_region: master,
            regions: regions.map((name) => ({ name, storage: storages[name] })),
          },
        ]),
      ),
  };
}

/** An AWS shared credentials file. */
export const credentialsText = (accessKey: string, secretKey: string): string =>
  `[default]\naws_access_key_id = ${accessKey}\naws_secret_access_key = ${secretKey}\n`;
