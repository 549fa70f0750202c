import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AZURE_RIGHTS, S3_RIGHTS } from './rights.ts';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

/** The source of an adapter, without what is for its tests alone. */
async function sourceOf(adapter: 's3' | 'azure-blob'): Promise<string> {
  const folder = join(ROOT, 'packages/object-store/src', adapter);
  const names = await readdir(folder, { recursive: true });
  const sources = names.filter(
    (name) => name.endsWith('.ts') && !/\.test\.ts$|server-(?:bucket|container)\.ts$/.test(name),
  );
  return (await Promise.all(sources.map((name) => readFile(join(folder, name), 'utf8')))).join('\n');
}

async function infra(name: string): Promise<unknown> {
  return JSON.parse(await readFile(join(ROOT, 'infra', name), 'utf8')) as unknown;
}

/** What IAM takes ("IAM JSON policy elements reference"). */
const Statement = z.strictObject({
  Sid: z.string().regex(/^[A-Za-z0-9]+$/),
  Effect: z.enum(['Allow', 'Deny']),
  Principal: z.literal('*').optional(),
  Action: z.union([z.string(), z.array(z.string()).min(1)]),
  Resource: z.union([z.string(), z.array(z.string()).min(1)]),
  Condition: z.record(z.string(), z.record(z.string(), z.string())).optional(),
});
const Policy = z.strictObject({ Version: z.literal('2012-10-17'), Statement: z.array(Statement).min(1) });

const actionsOf = ({ Statement: statements }: z.infer<typeof Policy>): readonly string[] =>
  statements.flatMap(({ Action }) => Action).toSorted();

/** The actions that each operation of S3 takes ("Required permissions for Amazon S3 API operations"). */
const S3_ACTIONS: Readonly<Record<string, readonly string[]>> = {
  abortMultipartUpload: ['s3:AbortMultipartUpload'],
  completeMultipartUpload: ['s3:PutObject'],
  // With tags in the same request.
  createMultipartUpload: ['s3:PutObject', 's3:PutObjectTagging'],
  deleteObject: ['s3:DeleteObject'],
  // Of versions alone.
  deleteObjects: ['s3:DeleteObjectVersion'],
  getBucketEncryption: ['s3:GetEncryptionConfiguration'],
  getBucketLifecycleConfiguration: ['s3:GetLifecycleConfiguration'],
  getBucketPolicyStatus: ['s3:GetBucketPolicyStatus'],
  getBucketReplication: ['s3:GetReplicationConfiguration'],
  getBucketVersioning: ['s3:GetBucketVersioning'],
  getObject: ['s3:GetObject'],
  getObjectLegalHold: ['s3:GetObjectLegalHold'],
  getObjectLockConfiguration: ['s3:GetBucketObjectLockConfiguration'],
  getObjectRetention: ['s3:GetObjectRetention'],
  getPublicAccessBlock: ['s3:GetBucketPublicAccessBlock'],
  // Without the right to list, an object that is not there is a refusal.
  headObject: ['s3:GetObject', 's3:ListBucket'],
  listMultipartUploads: ['s3:ListBucketMultipartUploads'],
  listObjectVersions: ['s3:ListBucketVersions'],
  listObjectsV2: ['s3:ListBucket'],
  putObject: ['s3:PutObject', 's3:PutObjectTagging'],
  uploadPart: ['s3:PutObject'],
  uploadPartCopy: ['s3:PutObject', 's3:GetObject'],
};
/** Methods of the client that are no operation: the one that sends a command, and the one that ends it. */
const NO_OPERATION = ['send', 'destroy'];

const BLOBS = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs';
const BLOB_SERVICES = 'Microsoft.Storage/storageAccounts/blobServices';
/** What the client's methods take ("Permissions for calling data operations" of the REST reference). */
const AZURE_ACTIONS: Readonly<Record<string, readonly string[]>> = {
  upload: [`${BLOBS}/write`, `${BLOBS}/tags/write`],
  stageBlock: [`${BLOBS}/write`],
  commitBlockList: [`${BLOBS}/write`, `${BLOBS}/tags/write`],
  syncCopyFromURL: [`${BLOBS}/read`, `${BLOBS}/write`, `${BLOBS}/tags/write`],
  setMetadata: [`${BLOBS}/write`],
  setTags: [`${BLOBS}/tags/write`],
  getTags: [`${BLOBS}/tags/read`],
  download: [`${BLOBS}/read`],
  downloadToBuffer: [`${BLOBS}/read`],
  listBlobsFlat: [`${BLOBS}/read`],
  listBlobsByHierarchy: [`${BLOBS}/read`],
  findBlobsByTags: [`${BLOBS}/filter/action`],
  withVersion: [`${BLOBS}/deleteBlobVersion/action`],
  forGood: [`${BLOBS}/permanentDelete/action`],
  delete: [`${BLOBS}/delete`],
  getAccountInfo: [`${BLOB_SERVICES}/getInfo/action`],
  // Of a blob, of the container, and of the service.
  getProperties: [`${BLOBS}/read`, `${BLOB_SERVICES}/containers/read`, `${BLOB_SERVICES}/read`],
};

describe('the access policy for S3', () => {
  it('allows what the adapter does, and no more', async () => {
    const calls = [...(await sourceOf('s3')).matchAll(/\bs3\.([a-zA-Z0-9]+)\(|new ([A-Za-z0-9]+)Command\(/g)]
      .map(([, method, command = '']) => method ?? `${command.charAt(0).toLowerCase()}${command.slice(1)}`)
      .filter((call) => !NO_OPERATION.includes(call));
    expect(calls.filter((call) => S3_ACTIONS[call] === undefined)).toEqual([]);
    const used = [...new Set(calls.flatMap((call) => S3_ACTIONS[call] ?? []))].toSorted();
    expect(actionsOf(Policy.parse(await infra('aws/policy.json')))).toEqual(used);
  });

  it('allows what doctor names where a step is refused', async () => {
    const allowed = actionsOf(Policy.parse(await infra('aws/policy.json')));
    expect(
      Object.values(S3_RIGHTS)
        .flat()
        .filter((action) => !allowed.includes(action)),
    ).toEqual([]);
  });

  it('names objects and bucket apart, as IAM wants them', async () => {
    for (const { Action, Resource } of Policy.parse(await infra('aws/policy.json')).Statement) {
      const isOfObjects = [Action]
        .flat()
        .some((action) => /Object(?:$|Tagging|Version|LegalHold|Retention)/.test(action));
      expect(Resource).toBe(isOfObjects ? 'arn:aws:s3:::<bucket>/<prefix>*' : 'arn:aws:s3:::<bucket>');
    }
  });

  it('of a KMS key allows what writing and reading takes, by way of S3 alone', async () => {
    const policy = Policy.parse(await infra('aws/kms-policy.json'));
    expect(actionsOf(policy)).toEqual(['kms:Decrypt', 'kms:GenerateDataKey']);
    expect(policy.Statement[0]?.Condition).toEqual({ StringEquals: { 'kms:ViaService': 's3.<region>.amazonaws.com' } });
  });

  it('of the bucket refuses whatever comes without TLS', async () => {
    const { Statement: statements } = Policy.parse(await infra('aws/bucket-policy.json'));
    expect(statements).toMatchObject([
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: ['arn:aws:s3:::<bucket>', 'arn:aws:s3:::<bucket>/*'],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ]);
  });
});

describe('the role for Azure', () => {
  /** What `az role definition create` takes. */
  const Role = z.strictObject({
    Name: z.string(),
    IsCustom: z.literal(true),
    Description: z.string().max(2048),
    Actions: z.array(z.string()),
    NotActions: z.tuple([]),
    DataActions: z.array(z.string()),
    NotDataActions: z.tuple([]),
    AssignableScopes: z.array(z.string().startsWith('/subscriptions/')).min(1),
  });

  it('allows what the adapter does, and no more', async () => {
    const source = await sourceOf('azure-blob');
    const used = Object.entries(AZURE_ACTIONS).flatMap(([method, actions]) =>
      new RegExp(String.raw`\.${method}\b|\{[^}]*\b${method}\b[^}]*\}`).test(source) ? actions : [],
    );
    const { Actions, DataActions } = Role.parse(await infra('azure/role.json'));
    expect([...Actions, ...DataActions].toSorted()).toEqual([...new Set(used)].toSorted());
    expect(DataActions.every((action) => action.startsWith(`${BLOBS}/`))).toBe(true);
    expect(Actions.some((action) => action.startsWith(`${BLOBS}/`))).toBe(false);
  });
});

describe('the role for Azure and doctor', () => {
  it('agree on what a step takes', async () => {
    const { DataActions } = z.object({ DataActions: z.array(z.string()) }).parse(await infra('azure/role.json'));
    const named = Object.values(AZURE_RIGHTS).flatMap(({ actions }) => actions);
    expect(named.filter((action) => !DataActions.includes(action))).toEqual([]);
  });
});

describe('the lifecycle rules', () => {
  const days = z.int().min(1);

  it('of S3 delete what is marked a day after it was written, and what was replaced or left half', async () => {
    const Rule = z.strictObject({
      ID: z.string().max(255),
      Status: z.literal('Enabled'),
      Filter: z.union([
        z.strictObject({ Prefix: z.string() }),
        z.strictObject({ Tag: z.strictObject({ Key: z.string(), Value: z.string() }) }),
      ]),
      Expiration: z
        .union([z.strictObject({ Days: days }), z.strictObject({ ExpiredObjectDeleteMarker: z.literal(true) })])
        .optional(),
      NoncurrentVersionExpiration: z.strictObject({ NoncurrentDays: days }).optional(),
      AbortIncompleteMultipartUpload: z.strictObject({ DaysAfterInitiation: days }).optional(),
    });
    const { Rules } = z
      .strictObject({ Rules: z.array(Rule).min(1).max(1_000) })
      .parse(await infra('aws/lifecycle.json'));
    const deleting = Rules.filter(({ Expiration }) => Expiration !== undefined && 'Days' in Expiration);
    expect(deleting).toMatchObject([{ Filter: { Tag: { Key: 'forgetme', Value: 'true' } }, Expiration: { Days: 1 } }]);
    // S3 takes neither of these in a rule that filters by tag.
    for (const rule of Rules.filter(({ Filter }) => 'Tag' in Filter)) {
      expect(rule).not.toHaveProperty('AbortIncompleteMultipartUpload');
      expect(rule.Expiration).not.toHaveProperty('ExpiredObjectDeleteMarker');
    }
    expect(Rules.some((rule) => rule.NoncurrentVersionExpiration?.NoncurrentDays === 1)).toBe(true);
    expect(Rules.some((rule) => rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation === 1)).toBe(true);
  });

  it('of Azure delete what is marked and was not modified for a day, and old versions and snapshots', async () => {
    const after = (name: string) => z.strictObject({ delete: z.strictObject({ [name]: days }) }).optional();
    const Rule = z.strictObject({
      name: z.string().regex(/^[A-Za-z0-9]{1,256}$/),
      enabled: z.boolean(),
      type: z.literal('Lifecycle'),
      definition: z.strictObject({
        filters: z.strictObject({
          blobTypes: z.array(z.enum(['blockBlob', 'appendBlob'])).min(1),
          prefixMatch: z.array(z.string()).max(10),
          blobIndexMatch: z
            .array(z.strictObject({ name: z.string(), op: z.literal('=='), value: z.string() }))
            .max(10)
            .optional(),
        }),
        actions: z.strictObject({
          baseBlob: after('daysAfterModificationGreaterThan'),
          snapshot: after('daysAfterCreationGreaterThan'),
          version: after('daysAfterCreationGreaterThan'),
        }),
      }),
    });
    const { rules } = z
      .strictObject({ rules: z.array(Rule).min(1).max(100) })
      .parse(await infra('azure/lifecycle.json'));
    const deleting = rules.filter(({ definition }) => definition.actions.baseBlob !== undefined);
    expect(deleting.map(({ definition }) => definition)).toMatchObject([
      {
        filters: { blobIndexMatch: [{ name: 'forgetme', op: '==', value: 'true' }] },
        actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: 1 } } },
      },
    ]);
    expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
  });
});
