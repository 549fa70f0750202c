import type { LifecycleRule } from '@aws-sdk/client-s3';
import { overlaps, type Question } from './question.ts';

/** The tag of what is to be deleted: a rule for it is the second net that the docs tell of. */
const MARK_TAG = 'forgetme';

export const lifecycle: Question<readonly LifecycleRule[]> = {
  name: 'lifecycle',
  right: 's3:GetLifecycleConfiguration',
  absence: 'NoSuchLifecycleConfiguration',
  ask: async (bucket) => {
    const { Rules = [] } = await bucket.ask((s3, options) =>
      s3.getBucketLifecycleConfiguration({ Bucket: bucket.name }, options),
    );
    return Rules;
  },
  judge: (answer, bucket) => {
    const rules = (answer ?? []).filter((rule) => rule.Status === 'Enabled' && overlaps(prefixOf(rule), bucket.prefix));
    if (rules.length === 0) return { state: 'fine', detail: 'no rule acts here' };
    const taking = rules.filter((rule) => deletes(rule) && !tagsOf(rule).includes(MARK_TAG));
    if (taking.length === 0) return { state: 'fine', detail: `rules that act here: ${named(rules)}` };
    return {
      state: 'wrong',
      detail: `a rule deletes objects by itself: ${named(taking)}`,
      advice: `Take it away, or restrict it to the tag ${MARK_TAG}: messages would vanish, and a lamp would stay lit.`,
    };
  },
};

const prefixOf = ({ Filter, Prefix }: LifecycleRule): string => Filter?.And?.Prefix ?? Filter?.Prefix ?? Prefix ?? '';
const tagsOf = ({ Filter }: LifecycleRule): readonly (string | undefined)[] =>
  [...(Filter?.And?.Tags ?? []), ...(Filter?.Tag === undefined ? [] : [Filter.Tag])].map(({ Key }) => Key);
const deletes = ({ Expiration }: LifecycleRule): boolean =>
  Expiration?.Days !== undefined || Expiration?.Date !== undefined;
const named = (rules: readonly LifecycleRule[]): string => rules.map(({ ID }) => ID ?? 'one without a name').join(', ');
