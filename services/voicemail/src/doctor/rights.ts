import type { Storage } from '@voicemail/contracts';
import { StoreError } from '@voicemail/object-store';
import { describeStorage } from '../regions/storage.ts';
import type { ProbeStep } from './probe.ts';

const BLOBS = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs';

/** The data actions of Azure that a step needs, and the letters of a shared access signature. */
export const AZURE_RIGHTS: Readonly<Record<ProbeStep, { readonly actions: readonly string[]; readonly sas: string }>> =
  {
    put: { actions: [`${BLOBS}/write`, `${BLOBS}/tags/write`], sas: 'cwt' },
    get: { actions: [`${BLOBS}/read`], sas: 'r' },
    condition: { actions: [`${BLOBS}/write`], sas: 'cw' },
    tag: { actions: [`${BLOBS}/read`, `${BLOBS}/write`, `${BLOBS}/tags/write`], sas: 'rwt' },
    find: { actions: [`${BLOBS}/filter/action`], sas: 'f' },
    list: { actions: [`${BLOBS}/read`], sas: 'l' },
    check: { actions: [`${BLOBS}/write`], sas: 'w' },
    delete: { actions: [`${BLOBS}/delete`], sas: 'd' },
    purge: {
      actions: [`${BLOBS}/read`, `${BLOBS}/deleteBlobVersion/action`, `${BLOBS}/permanentDelete/action`],
      sas: 'lxy',
    },
  };

/** The actions of S3 that a step needs. */
export const S3_RIGHTS: Readonly<Record<ProbeStep, readonly string[]>> = {
  put: ['s3:PutObject', 's3:PutObjectTagging'],
  get: ['s3:GetObject'],
  condition: ['s3:GetObject', 's3:PutObject'],
  tag: ['s3:GetObject', 's3:PutObject', 's3:PutObjectTagging'],
  find: ['s3:ListBucket'],
  list: ['s3:ListBucket'],
  check: ['s3:PutObject', 's3:AbortMultipartUpload'],
  delete: ['s3:GetObject', 's3:ListBucket', 's3:DeleteObject'],
  purge: ['s3:ListBucketVersions', 's3:DeleteObjectVersion'],
};
const KMS_RIGHTS = ['kms:GenerateDataKey', 'kms:Decrypt'];

/** What to do about a step that failed. */
export function adviceFor(storage: Storage, step: ProbeStep, error: Error): string {
  const place = describeStorage(storage);
  if (storage.interface === 'FileSystem') {
    return `Mount the volume at ${place}, and give this user the right to write there.`;
  }
  if (!(error instanceof StoreError && error.kind === 'permission-denied')) {
    return `Look at the ${place}: is it there, and may this machine reach it? See ${pageOf(storage)}.`;
  }
  if (storage.interface === 'S3') {
    const actions = [...S3_RIGHTS[step], ...(storage.kmsKeyId === null ? [] : KMS_RIGHTS)];
    return `Give its identity ${list(actions)} on the ${place} (infra/aws/policy.json), and look at the credentials.`;
  }
  const { actions, sas } = AZURE_RIGHTS[step];
  const right =
    storage.sasFile === null
      ? `Give its identity ${list(actions)} on the ${place} (infra/azure/role.json)`
      : `Give its signature the permissions "${sas}" on the ${place}`;
  return `${right}, and look at the credentials and the account’s firewall.`;
}

const PAGES = {
  FileSystem: 'docs/storage-file-system.md',
  BlobStorage: 'docs/storage-azure.md',
  S3: 'docs/storage-s3.md',
} as const;

/** Where a storage is explained. */
export const pageOf = (storage: Storage): string => PAGES[storage.interface];

const list = (names: readonly string[]): string =>
  names.length === 1 ? String(names[0]) : `${names.slice(0, -1).join(', ')} and ${String(names.at(-1))}`;
