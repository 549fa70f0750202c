import { s3Bucket } from '@voicemail/object-store/testing';
import { azureServer, s3Server, whenAvailable, type AzureServer, type S3Server } from '@voicemail/testing';
import { beforeAll, expect, it } from 'vitest';
import { buckets, containers, patient } from './server-stores.ts';
import { storageCopySuite } from './suite.ts';
import { fill, openCopyWorld, volume } from './world.ts';

const azure = await azureServer();
const s3 = await s3Server();

whenAvailable(s3, 'S3', (start) => {
  let server: S3Server;
  beforeAll(async () => {
    server = await start({ versioning: true });
  });
  const onS3 = buckets(() => server);
  storageCopySuite('from a volume to S3', () => ({ source: volume, target: onS3 }));
  storageCopySuite('from S3 to a volume', () => ({ source: onS3, target: volume }));

  it('leaves no version and no delete marker in a bucket that keeps them', async () => {
    const own = await s3Bucket(server, { versioning: true });
    const opened = { store: patient(await own.open()), dispose: () => own.dispose() };
    await using world = await openCopyWorld({ source: async () => opened, target: volume, master: 'home' });
    await fill(world.stores);
    expect(await world.copy()).toMatchObject({ moved: 5, notErased: 0, left: { recordings: 0 } });
    const { Versions = [], DeleteMarkers = [] } = await own.client.listObjectVersions({ Bucket: own.name });
    expect([...Versions, ...DeleteMarkers].map(({ Key }) => Key)).toEqual([]);
  });
});

whenAvailable(azure, 'Azure', (startAzure) => {
  let server: AzureServer;
  beforeAll(async () => {
    server = await startAzure();
  });
  const onAzure = containers(() => server);
  storageCopySuite('from a volume to Azure', () => ({ source: volume, target: onAzure }));
  storageCopySuite('from Azure to a volume', () => ({ source: onAzure, target: volume }));
  whenAvailable(s3, 'Azure and S3', (startS3) => {
    let other: S3Server;
    beforeAll(async () => {
      other = await startS3({ versioning: true });
    });
    storageCopySuite('from Azure to S3', () => ({ source: onAzure, target: buckets(() => other) }));
  });
});
