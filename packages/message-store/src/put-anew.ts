import { endBody, type Body, type ObjectStore, type Tags } from '@voicemail/object-store';
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
 * Puts an object whatever lies under its key, so that a sweep which is about to remove what it saw there does not take this one. Where etags
 * are of content, equal bytes may have the etag again that the sweep saw; a put under `If-Match` has another than it names.
 * @param claimed the etag that a sweep is about to remove; null where none is.
 * @returns its etag; null where it may not be replaced.
 */
export async function putAnew(
  store: ObjectStore,
  key: string,
  object: NewObject,
  claimed: string | null,
): Promise<string | null> {
  const { contentType, tags, open, mayReplace } = object;
  return untilWon<{ etag: string | null }>(key, async () => {
    const there = await store.head(key);
    if (there !== null && mayReplace !== undefined && !(await mayReplace())) return { etag: null };
    const condition = there === null ? { absent: true as const } : { etag: there.etag };
    const body = await open();
    try {
      const put = await answerOf(store.put(key, body, { contentType, tags, condition }));
      return put === null || put.etag === claimed ? undefined : { etag: put.etag };
    } finally {
      // A put that was refused need not have read it.
      endBody(body);
    }
  }).then(({ etag }) => etag);
}
