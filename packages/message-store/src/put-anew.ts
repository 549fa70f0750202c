import type { Body, ObjectStore, Tags } from '@voicemail/object-store';
import { answerOf, untilWon } from './json-document.ts';

/** What is put; `open` is called for each attempt, for a stream is read once. */
export interface NewObject {
  readonly contentType: string;
  readonly tags: Tags;
  readonly open: () => Promise<Body>;
  /** Looks at what lies there, and says whether it may be replaced. */
  readonly mayReplace?: () => Promise<boolean>;
}

/**
 * Puts an object whatever lies under its key, so that no delete takes it away which names an etag that was read before: a sweep may have
 * looked at what lay there, and sleep until now. Where etags are of content, equal bytes would have the etag again that the sweep
 * knows; only a put under `If-Match` has another. So what was put where nothing lay is put once more.
 * @returns its etag; null where it may not be replaced.
 */
export async function putAnew(store: ObjectStore, key: string, object: NewObject): Promise<string | null> {
  const { contentType, tags, open, mayReplace } = object;
  return untilWon<{ etag: string | null }>(key, async () => {
    const there = await store.head(key);
    if (there !== null && mayReplace !== undefined && !(await mayReplace())) return { etag: null };
    const condition = there === null ? { absent: true as const } : { etag: there.etag };
    const put = await answerOf(store.put(key, await open(), { contentType, tags, condition }));
    if (put === null) return undefined;
    const mayBeKnown = there === null && store.capabilities.etagsOfContent === true;
    return mayBeKnown ? undefined : { etag: put.etag };
  }).then(({ etag }) => etag);
}
