import { afterTest, faultProxy, faults, s3Server, whenAvailable, type S3Server } from '@voicemail/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import type { StoreSetting } from '../../port.ts';
import { bucketOn } from '../server-bucket.ts';

const xml = (body: string) =>
  faults.answer(200, { 'content-type': 'application/xml' }, `<?xml version="1.0" encoding="UTF-8"?>\n${body}`);
const rule = (text: string): string =>
  `<ReplicationConfiguration><Role>arn:aws:iam::1:role/r</Role><Rule>${text}</Rule></ReplicationConfiguration>`;
const expiring = (text: string): string =>
  `<LifecycleConfiguration><Rule><ID>tidy</ID><Status>Enabled</Status>${text}</Rule></LifecycleConfiguration>`;
const blocked = (last: boolean): string =>
  `<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>${last}</RestrictPublicBuckets></PublicAccessBlockConfiguration>`;
const encrypted = (text: string): string =>
  `<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>${text}</ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>`;
const none = (code: string) => faults.s3.error(404, code, 'There is none.');

/** What is asked, what S3 answers by its API reference, and what that is to us. */
const CASES = [
  ['versioning', '?versioning', xml('<VersioningConfiguration/>'), 'fine', 'off'],
  [
    'versioning',
    '?versioning',
    xml('<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'),
    'fine',
    'on',
  ],
  [
    'versioning',
    '?versioning',
    xml('<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>'),
    'wrong',
    'suspended',
  ],
  [
    'versioning',
    '?versioning',
    xml('<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete></VersioningConfiguration>'),
    'wrong',
    'second factor',
  ],
  ['replication', '?replication', none('ReplicationConfigurationNotFoundError'), 'fine', 'none'],
  [
    'replication',
    '?replication',
    xml(
      rule(
        '<Status>Enabled</Status><Filter><Prefix>t100/media</Prefix></Filter><Destination><Bucket>arn:aws:s3:::elsewhere</Bucket><Account>123456789012</Account></Destination>',
      ),
    ),
    'wrong',
    'bucket elsewhere of account 123456789012',
  ],
  [
    'replication',
    '?replication',
    xml(
      rule(
        '<Status>Enabled</Status><Filter><Prefix>t200/</Prefix></Filter><Destination><Bucket>arn:aws:s3:::elsewhere</Bucket></Destination>',
      ),
    ),
    'fine',
    'none',
  ],
  [
    'replication',
    '?replication',
    xml(
      rule(
        '<Status>Disabled</Status><Prefix></Prefix><Destination><Bucket>arn:aws:s3:::elsewhere</Bucket></Destination>',
      ),
    ),
    'fine',
    'none',
  ],
  ['object-lock', '?object-lock', none('ObjectLockConfigurationNotFoundError'), 'fine', 'off'],
  [
    'object-lock',
    '?object-lock',
    xml('<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>'),
    'fine',
    'on',
  ],
  [
    'object-lock',
    '?object-lock',
    xml(
      '<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>COMPLIANCE</Mode><Days>30</Days></DefaultRetention></Rule></ObjectLockConfiguration>',
    ),
    'wrong',
    '30 days (compliance mode)',
  ],
  ['encryption', '?encryption', none('ServerSideEncryptionConfigurationNotFoundError'), 'wrong', 'not encrypted'],
  ['encryption', '?encryption', xml(encrypted('<SSEAlgorithm>AES256</SSEAlgorithm>')), 'fine', 'AES256'],
  [
    'encryption',
    '?encryption',
    xml(encrypted('<SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>alias/key</KMSMasterKeyID>')),
    'fine',
    'aws:kms, key alias/key',
  ],
  ['public-access', '?publicAccessBlock', xml(blocked(true)), 'fine', 'blocked'],
  ['public-access', '?publicAccessBlock', xml(blocked(false)), 'wrong', 'not blocked as a whole'],
  [
    'public-access',
    '?publicAccessBlock',
    none('NoSuchPublicAccessBlockConfiguration'),
    'wrong',
    'not blocked as a whole',
  ],
  [
    'public-access',
    '?policyStatus',
    xml('<PolicyStatus><IsPublic>true</IsPublic></PolicyStatus>'),
    'wrong',
    'lets everybody in',
  ],
  ['lifecycle', '?lifecycle', none('NoSuchLifecycleConfiguration'), 'fine', 'no rule acts here'],
  [
    'lifecycle',
    '?lifecycle',
    xml(expiring('<Filter><Prefix></Prefix></Filter><Expiration><Days>90</Days></Expiration>')),
    'wrong',
    'deletes objects by itself: tidy',
  ],
  [
    'lifecycle',
    '?lifecycle',
    xml(
      expiring(
        '<Filter><Tag><Key>forgetme</Key><Value>true</Value></Tag></Filter><Expiration><Days>2</Days></Expiration>',
      ),
    ),
    'fine',
    'tidy',
  ],
  [
    'lifecycle',
    '?lifecycle',
    xml(expiring('<Filter><Prefix>t200/</Prefix></Filter><Expiration><Days>90</Days></Expiration>')),
    'fine',
    'no rule acts here',
  ],
  [
    'lifecycle',
    '?lifecycle',
    xml(
      expiring(
        '<Filter><Prefix>t1</Prefix></Filter><AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload>',
      ),
    ),
    'fine',
    'tidy',
  ],
] as const;

whenAvailable(await s3Server(), 'the settings of a bucket on S3', (start) => {
  let server: S3Server;
  beforeAll(async () => {
    server = await start({ versioning: true });
  });

  const open = async ({ versioning = false, kmsKeyId = null as string | null } = {}) => {
    const bucket = await bucketOn(server, { versioning });
    await afterTest(() => bucket.dispose());
    const proxy = await faultProxy(server.endpoint);
    const store = await bucket.open({ endpoint: proxy.url, prefix: 't100/', kmsKeyId });
    const settings = async (): Promise<Readonly<Record<string, Omit<StoreSetting, 'name'>>>> =>
      Object.fromEntries((await store.settings()).map(({ name, ...found }) => [name, found]));
    return { proxy, store, settings };
  };

  it.each(CASES)('%s: %s', async (name, path, answer, state, detail) => {
    const { proxy, settings } = await open();
    // The clock asks the same as the versioning does, in no order.
    proxy.inject({ path, times: name === 'versioning' ? 2 : 1 }, answer);
    const found = (await settings())[name];
    expect(found).toMatchObject({ state, detail: expect.stringContaining(detail) as string });
    expect(found?.advice === undefined).toBe(state === 'fine');
  });

  it('are what the server has, where it tells', async () => {
    const { settings } = await open({ versioning: true });
    const { versioning, clock, 'object-lock': objectLock } = await settings();
    expect(versioning).toMatchObject({ state: 'fine', detail: expect.stringContaining('on') as string });
    expect([clock?.state, objectLock?.state]).toEqual(['fine', 'fine']);
  });

  it('are unknown, and never fine, where they may not be asked or the store does not tell', async () => {
    const { proxy, settings } = await open();
    for (const path of [
      '?versioning',
      '?replication',
      '?object-lock',
      '?encryption',
      '?publicAccessBlock',
      '?lifecycle',
    ]) {
      proxy.inject({ path, times: 2 }, faults.s3.accessDenied());
    }
    const { clock, ...denied } = await settings();
    expect(clock?.state).toBe('fine');
    for (const { state, advice } of Object.values(denied)) {
      expect([state, advice]).toEqual(['unknown', expect.stringMatching(/^Allow s3:Get\w+/)]);
    }
    const { replication, encryption, lifecycle } = await (await open()).settings();
    for (const found of [replication, encryption, lifecycle]) {
      expect(found).toEqual({ state: 'unknown', detail: 'this kind of store does not tell' });
    }
  });

  it('name the key that this region names', async () => {
    const { proxy, settings } = await open({ kmsKeyId: 'alias/voicemail' });
    proxy.inject({ path: '?encryption' }, xml(encrypted('<SSEAlgorithm>AES256</SSEAlgorithm>')));
    expect((await settings())['encryption']).toMatchObject({
      state: 'fine',
      detail: expect.stringContaining('alias/voicemail') as string,
    });
  });

  describe('that cannot be asked for', () => {
    it('are an error, as a store that is down is', async () => {
      const { proxy, store } = await open();
      proxy.inject({ path: '?lifecycle' }, faults.s3.internalError());
      await expect(store.settings()).rejects.toMatchObject({ kind: 'unavailable', operation: 'settings' });
    });
  });
});
