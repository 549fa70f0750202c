import { isStub, type MessageRecord, type Metadata } from './message.ts';

/** Whether a message is there and marked for deletion by any request. */
export const isMarked = (record: MessageRecord): record is Metadata & { readonly forgetMarkedAt: string } =>
  !isStub(record) && record.forgetMarkedAt !== undefined;

/**
 * What a forget request makes of a message: marked, or null where this request marked it already. Only the first mark moves the
 * last-modified time and the revision: another request's adds its id, and puts no deletion off (CONTRACT section 5).
 * @param now RFC 3339.
 */
export function applyMark(message: Metadata, requestId: string, now: string): Metadata | null {
  const requestIds = message.forgetRequestIds ?? [];
  if (isMarked(message)) {
    return requestIds.includes(requestId) ? null : { ...message, forgetRequestIds: [...requestIds, requestId] };
  }
  return {
    ...message,
    forgetMarkedAt: now,
    forgetRequestIds: [requestId],
    revision: message.revision + 1,
    modifiedAt: now,
  };
}

/**
 * What taking a request back makes of a message: without the request's mark, or null where it has none. When it was the last one, the
 * message is marked no more, and its last-modified time moves.
 * @param now RFC 3339.
 */
export function applyUnmark(message: Metadata, requestId: string, now: string): Metadata | null {
  const { forgetMarkedAt: _markedAt, forgetRequestIds = [], ...unmarked } = message;
  if (!forgetRequestIds.includes(requestId)) return null;
  const others = forgetRequestIds.filter((id) => id !== requestId);
  if (others.length > 0) return { ...message, forgetRequestIds: others };
  return { ...unmarked, revision: message.revision + 1, modifiedAt: now };
}
