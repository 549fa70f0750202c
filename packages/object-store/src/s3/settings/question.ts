import type { StoreSetting } from '../../port.ts';
import type { Bucket } from '../bucket.ts';
import { isRefusal, kindOf } from '../classify.ts';

/** What is made of a setting, beside its name. */
export type Finding = Omit<StoreSetting, 'name'>;

/** A question about the bucket's set-up, and what its answer means to us. */
export interface Question<T> {
  readonly name: StoreSetting['name'];
  /** The right that it takes. */
  readonly right: string;
  readonly ask: (bucket: Bucket) => Promise<T>;
  /** The word by which S3 says that nothing of the kind is set up. */
  readonly absence?: string;
  /** @param answer null: nothing of the kind is set up. */
  readonly judge: (answer: T | null, bucket: Bucket) => Finding;
}

/** The setting, and `unknown` where the store does not tell. Rejects where it cannot be reached. */
export async function settle<T>(bucket: Bucket, question: Question<T>): Promise<StoreSetting> {
  const { name, right, ask, absence, judge } = question;
  const found = async (): Promise<Finding> => {
    try {
      return judge(await ask(bucket), bucket);
    } catch (error) {
      if (absence !== undefined && isRefusal(error, absence)) return judge(null, bucket);
      const kind = kindOf(error);
      if (kind === 'permission-denied') {
        return { state: 'unknown', detail: 'it may not be asked', advice: `Allow ${right} to see it.` };
      }
      if (kind === 'unsupported') return { state: 'unknown', detail: 'this kind of store does not tell' };
      throw error;
    }
  };
  return { name, ...(await found()) };
}

/** Whether a rule for one prefix can touch what is below another. */
export const overlaps = (one: string, other: string): boolean => one.startsWith(other) || other.startsWith(one);
