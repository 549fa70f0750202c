import type { Clock, Ids } from '@voicemail/runtime';
import type { ObjectStore } from '../port.ts';

export interface S3StoreOptions {
  readonly bucket: string;
  /** Before every key; empty or ends in `/`. */
  readonly prefix: string;
  /** null: the one that the SDK finds (`AWS_REGION`, the shared configuration); with an endpoint of one's own `us-east-1`. */
  readonly region: string | null;
  /** null: that of AWS. */
  readonly endpoint: string | null;
  /** Whether the bucket stands in the path of a request, as most stores beside AWS want it, or in the host's name. */
  readonly forcePathStyle: boolean;
  /**
   * An AWS shared credentials file, of which the profile `default` is taken, or a folder (a mounted secret) with `access_key`,
   * `secret_key` and, where there is one, `session_token`. Read again while in use. null: the SDK's default chain.
   */
  readonly credentialsFile: string | null;
  /** The KMS key that every object is encrypted with; null: the bucket's default. */
  readonly kmsKeyId?: string | null;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'random'>;
  /** For one request, until all of its answer is there or the bytes of an object begin: 5 MiB must be sent within it. 60 s unless told. */
  readonly requestTimeoutMs?: number;
}

/** What a sweep took away. */
export interface S3SweepReport {
  /** Uploads that were begun and never finished; S3 asks to be paid for their parts. */
  readonly abandonedUploads: number;
}

export interface S3Store extends ObjectStore {
  /** Takes away what crashes left: uploads below the prefix that were begun a day ago. Safe beside writers. */
  sweep(signal: AbortSignal): Promise<S3SweepReport>;
  /** Closes its connections; what is under way fails. */
  close(): Promise<void>;
}
