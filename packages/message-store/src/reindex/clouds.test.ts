import { azureServer, s3Server, whenAvailable, type AzureServer, type S3Server } from '@voicemail/testing';
import { beforeAll, expect, it } from 'vitest';
import { verifyMaster } from '../caller-hash-check.ts';
import { searchCaller } from '../search-caller.ts';
import { buckets, containers } from '../storage-copy/server-stores.ts';
import {
  allContent,
  CALLER,
  fill,
  FIRST_KEY,
  keepLetterIn,
  openCopyWorld,
  volume,
  type CopyWorldOptions,
} from '../storage-copy/world.ts';
import { collect } from '../test-world.ts';
import { reindexTenant } from './reindex-tenant.ts';
import { newReindexReport } from './report.ts';

const NEW_KEY = 8;
const azure = await azureServer();
const s3 = await s3Server();

/** Everything is under the new key, and nothing under the old one. */
function cases(name: string, kinds: () => CopyWorldOptions, letterIn: string): void {
  it(`brings everything under the current key, ${name}`, async () => {
    await using world = await openCopyWorld(kinds());
    await fill(world.stores);
    await keepLetterIn(world.stores, letterIn);
    const report = newReindexReport();
    const { signal } = new AbortController();
    await reindexTenant(world.withKeys(NEW_KEY, FIRST_KEY), { clock: world.clock, signal }, report);
    expect(report).toMatchObject({ isComplete: true, failed: 0, waiting: 0 });
    const alone = world.withKeys(NEW_KEY);
    expect(await verifyMaster(alone)).toBe(true);
    const found = await collect(searchCaller(alone, CALLER));
    const letter = expect.stringMatching(/^dead-letters\/voicemail\.deposits-0-3-/);
    expect(found.map(({ owner, id }) => `${owner}/${id}`).toSorted()).toEqual([
      '42/elsewhere',
      '42/marked',
      '9876/new',
      '9876/read',
      letter,
    ]);
    const content = JSON.stringify(await allContent(alone));
    expect(content).not.toContain(world.stores.hashes.current('t100', CALLER));
  });
}

whenAvailable(s3, 'S3', (start) => {
  let server: S3Server;
  beforeAll(async () => {
    server = await start({ versioning: true });
  });
  const onS3 = buckets(() => server);
  cases('of a master region on S3', () => ({ source: onS3, target: volume, master: 'source' }), 'source');
  cases('of a region on S3', () => ({ source: onS3, target: volume, master: 'home' }), 'source');
});

whenAvailable(azure, 'Azure', (start) => {
  let server: AzureServer;
  beforeAll(async () => {
    server = await start();
  });
  const onAzure = containers(() => server);
  cases(
    'of a master region on Azure and a volume beside it',
    () => ({ source: onAzure, target: volume, master: 'source' }),
    'home',
  );
});
