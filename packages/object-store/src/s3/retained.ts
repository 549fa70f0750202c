import type { Bucket } from './bucket.ts';
import { isRefusal, refusalOf } from './classify.ts';

/** Why a version cannot be erased. */
export interface Reason {
  readonly why: string;
  /** ms since the epoch, when it can; null where that is not known. */
  readonly until: number | null;
}

/** Asks the bucket's object lock, two requests; where that says nothing, a right is missing. */
export async function reasonFor(bucket: Bucket, key: string, id: string): Promise<Reason> {
  const where = { ...bucket.at(key), VersionId: id };
  const { LegalHold } = await orNothing(bucket.ask((s3, options) => s3.getObjectLegalHold(where, options)));
  if (LegalHold?.Status === 'ON') return { why: 'a legal hold is on it', until: null };
  const { Retention } = await orNothing(bucket.ask((s3, options) => s3.getObjectRetention(where, options)));
  if (Retention?.RetainUntilDate !== undefined) {
    const mode = (Retention.Mode ?? 'unknown').toLowerCase();
    return { why: `object lock keeps it (${mode} mode)`, until: Retention.RetainUntilDate.getTime() };
  }
  return { why: 'the right to delete versions is missing (s3:DeleteObjectVersion)', until: null };
}

/** That there is no lock, or that it is not ours to ask, is an answer. */
async function orNothing<T extends object>(asking: Promise<T>): Promise<Partial<T>> {
  try {
    return await asking;
  } catch (error) {
    const status = refusalOf(error)?.status ?? 500;
    if (isRefusal(error, ...NOTHING) || status === 403 || status === 501) return {};
    throw error;
  }
}

const NOTHING = [
  'NoSuchObjectLockConfiguration',
  'ObjectLockConfigurationNotFoundError',
  'InvalidRequest',
  'NoSuchVersion',
];
