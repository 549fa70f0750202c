import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  openAzureBlobStore,
  openFileSystemStore,
  openS3Store,
  type ObjectStore,
  type Tags,
} from '@voicemail/object-store';
import { systemClock, systemIds } from '@voicemail/runtime';
import { accountSas, type AzureServer, type S3Server } from '@voicemail/testing';
import type { CloudSite, RegionName } from './clouds.ts';

const [clock, ids] = [systemClock(), systemIds()];
const MINUTE_MS = 60_000;

export interface Stored {
  /** Key to tags of everything in the region. */
  readonly objects: ReadonlyMap<string, Tags>;
  /** Every name as the store itself has it, one a line. */
  readonly names: string;
}

/** What lies in each region of a site, seen without the server. */
export async function storedIn(
  site: CloudSite,
  azure: AzureServer,
  s3: S3Server,
): Promise<Readonly<Record<RegionName, Stored>>> {
  const secrets = { connectionStringFile: null, accountKeyFile: null };
  const sas = accountSas(azure, clock.now() + MINUTE_MS);
  await site.writeSecret('europe', sas);
  const europe = await openAzureBlobStore({
    ...secrets,
    container: site.container,
    accountUrl: azure.url,
    sasFile: join(site.dataDir, 'europe'),
    clock,
    ids,
  });
  const { region, endpoint } = s3;
  const east = await openS3Store({
    bucket: site.container,
    prefix: 'production/',
    region,
    endpoint,
    forcePathStyle: true,
    credentialsFile: join(site.dataDir, 'east'),
    clock,
    ids,
  });
  const root = join(site.dataDir, 'regions/west');
  const west = await openFileSystemStore({ root, region: 'west', clock, ids });
  const listing = await fetch(`${azure.url}/${site.container}?restype=container&comp=list&${sas}`);
  const stored = {
    west: { objects: await objectsIn(west), names: (await readdir(root, { recursive: true })).join('\n') },
    europe: { objects: await objectsIn(europe), names: await listing.text() },
    east: {
      objects: await objectsIn(east),
      names: (await readdir(join(s3.dataFolder, site.container), { recursive: true })).join('\n'),
    },
  };
  await Promise.all([europe.close(), east.close()]);
  return stored;
}

async function objectsIn(store: ObjectStore): Promise<ReadonlyMap<string, Tags>> {
  const found = new Map<string, Tags>();
  for await (const { key } of store.list('')) found.set(key, (await store.head(key))?.tags ?? {});
  return found;
}
