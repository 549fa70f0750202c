import { s3Server, whenAvailable, type S3Server } from '@voicemail/testing';
import { objectStoreContract } from '../contract-suite.ts';
import { bucketOn } from './server-bucket.ts';

const s3 = await s3Server();

whenAvailable(s3, 'S3', (start) => {
  let server: S3Server | null = null;
  objectStoreContract('S3', async () => {
    server ??= await start();
    // A part of a bucket, as several tenants share one.
    const prefix = 'tenants/t 100/';
    const bucket = await bucketOn(server);
    const store = await bucket.open({ prefix });
    return { store, reopen: () => bucket.open({ prefix }), dispose: () => bucket.dispose() };
  });
});
