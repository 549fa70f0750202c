import { z } from 'zod';
import { check, type Checked } from '../fault.ts';

/** What gives a secret away where only the path of a file or a plain URL belongs. */
const SECRET_TEXT = /AccountKey=|SharedAccessSignature=|[?&]sig=|aws_secret_access_key/i;

const secretPath = z
  .string()
  .min(1)
  .max(4096)
  .refine((text) => !SECRET_TEXT.test(text), 'must be the path of a file: secrets are read from files')
  .nullish();
const url = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .refine(withoutSecrets, 'must hold no user, password or signature: secrets are read from files')
  .nullish();

const FileSystemEntry = z.strictObject({
  interface: z.literal('FileSystem'),
  root: z
    .string()
    .min(1)
    .max(4096)
    .refine((text) => !/\p{Cc}/u.test(text), 'must hold no control characters'),
});

const BlobStorageEntry = z
  .strictObject({
    interface: z.literal('BlobStorage'),
    container: z
      .string()
      .regex(/^(?=.{3,63}$)[a-z0-9]+(?:-[a-z0-9]+)*$/, 'must be 3 to 63 lower-case letters, digits and single "-"'),
    connection_string_file: secretPath,
    account_url: url,
    account_key_file: secretPath,
    sas_file: secretPath,
    encryption_scope: z
      .string()
      .regex(/^(?=.{3,63}$)[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*$/, 'must be 3 to 63 letters, digits and single "-"')
      .nullish(),
  })
  .refine((entry) => isGiven(entry.connection_string_file) !== isGiven(entry.account_url), {
    error: 'must have either connection_string_file or account_url',
    when: isObject,
  })
  .refine((entry) => ACCOUNT_SECRETS.filter((field) => isGiven(entry[field])).length <= 1, {
    error: 'must have only one of connection_string_file, account_key_file and sas_file',
    when: isObject,
  });
const ACCOUNT_SECRETS = ['connection_string_file', 'account_key_file', 'sas_file'] as const;

const S3Entry = z.strictObject({
  interface: z.literal('S3'),
  bucket: z
    .string()
    .regex(/^(?=.{3,63}$)[a-z0-9][a-z0-9.-]*[a-z0-9]$/, 'must be 3 to 63 lower-case letters, digits, "." and "-"'),
  prefix: z
    .string()
    .max(512)
    .regex(/^(?:(?!\.{1,2}\/)[^/\p{Cc}]+\/)*$/u, 'must be folders that each end in "/", such as t100/')
    .nullish(),
  region: z.string().min(1).max(255).nullish(),
  endpoint: url,
  force_path_style: z.boolean().nullish(),
  credentials_file: secretPath,
  kms_key_id: z
    .string()
    .regex(/^[A-Za-z0-9:/_-]{1,2048}$/, 'must be the id or the ARN of a KMS key, or an alias, such as alias/voicemail')
    .nullish(),
});

/** A region's storage as the file writes it (CONTRACT section 2). */
export const StorageEntry = z.discriminatedUnion('interface', [FileSystemEntry, BlobStorageEntry, S3Entry]);
type StorageEntry = z.output<typeof StorageEntry>;

/** The fields of each kind of storage, as the file writes them. */
export const STORAGE_FIELDS: Readonly<Record<StorageEntry['interface'], readonly string[]>> = {
  FileSystem: Object.keys(FileSystemEntry.shape),
  BlobStorage: Object.keys(BlobStorageEntry.shape),
  S3: Object.keys(S3Entry.shape),
};

/**
 * Where a region keeps its objects. Secrets are named by the files that hold them; where none is named, the cloud's
 * workload identity serves.
 */
export type Storage =
  | { readonly interface: 'FileSystem'; readonly root: string }
  | {
      readonly interface: 'BlobStorage';
      readonly container: string;
      readonly connectionStringFile: string | null;
      readonly accountUrl: string | null;
      readonly accountKeyFile: string | null;
      readonly sasFile: string | null;
      /** The account's encryption scope that every object is written under; null: the container's default. */
      readonly encryptionScope: string | null;
    }
  | {
      readonly interface: 'S3';
      readonly bucket: string;
      /** Before every key; empty or ends in `/`. */
      readonly prefix: string;
      readonly region: string | null;
      /** null: that of AWS. */
      readonly endpoint: string | null;
      readonly forcePathStyle: boolean;
      /** An AWS shared credentials file, or a folder with `access_key` and `secret_key`. */
      readonly credentialsFile: string | null;
      /** The KMS key that every object is encrypted with; null: the bucket's default. */
      readonly kmsKeyId: string | null;
    };

/** Checks a storage that is not of the tenants' file; the paths of its faults are names of fields. */
export function checkStorage(entry: unknown): Checked<Storage> {
  const checked = check(StorageEntry, entry);
  return checked.ok ? { ok: true, value: storageOf(checked.value) } : checked;
}

export function storageOf(entry: StorageEntry): Storage {
  if (entry.interface === 'FileSystem') return entry;
  if (entry.interface === 'BlobStorage') {
    return {
      interface: entry.interface,
      container: entry.container,
      connectionStringFile: entry.connection_string_file ?? null,
      accountUrl: entry.account_url ?? null,
      accountKeyFile: entry.account_key_file ?? null,
      sasFile: entry.sas_file ?? null,
      encryptionScope: entry.encryption_scope ?? null,
    };
  }
  return {
    interface: entry.interface,
    bucket: entry.bucket,
    prefix: entry.prefix ?? '',
    region: entry.region ?? null,
    endpoint: entry.endpoint ?? null,
    forcePathStyle: entry.force_path_style ?? false,
    credentialsFile: entry.credentials_file ?? null,
    kmsKeyId: entry.kms_key_id ?? null,
  };
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isObject({ value }: { readonly value: unknown }): boolean {
  return typeof value === 'object' && value !== null;
}

function withoutSecrets(text: string): boolean {
  if (!URL.canParse(text)) return true;
  const { username, password } = new URL(text);
  return username === '' && password === '' && !SECRET_TEXT.test(text);
}
