import { afterTest, s3Server, whenAvailable, type S3Server } from '@voicemail/testing';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { bucketOn } from './server-bucket.ts';

whenAvailable(await s3Server(), 'a store on S3 without a credentials file', (start) => {
  let server: S3Server;
  beforeAll(async () => {
    server = await start();
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('takes what the SDK finds, here in the environment, and looks again when it is refused', async () => {
    const bucket = await bucketOn(server);
    await afterTest(() => bucket.dispose());
    vi.stubEnv('AWS_ACCESS_KEY_ID', server.accessKey);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'of yesterday');
    const store = await bucket.open({ credentialsFile: null });
    await expect(store.get('a')).rejects.toMatchObject({ kind: 'permission-denied' });
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', server.secretKey);
    expect(await store.get('a')).toBeNull();
    expect(await store.head('a')).toBeNull();
  });

  it('is refused, in words, where the SDK finds nothing, no keys or no region', async () => {
    const bucket = await bucketOn(server);
    await afterTest(() => bucket.dispose());
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE', 'AWS_REGION'])
      vi.stubEnv(name, undefined);
    // No look for the identity of a virtual machine: that would leave this one.
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nonexistent');
    vi.stubEnv('AWS_CONFIG_FILE', '/nonexistent');
    const store = await bucket.open({ credentialsFile: null });
    await expect(store.head('a')).rejects.toMatchObject({
      kind: 'permission-denied',
      message: 'head a: no credentials were found: name a credentials file, or give this process an identity',
    });
    const nowhere = await bucket.open({ region: null, endpoint: null });
    await expect(nowhere.head('a')).rejects.toMatchObject({
      kind: 'permission-denied',
      message: 'head a: no region is known: name one, or set AWS_REGION',
    });
  });
});
