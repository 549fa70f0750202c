import { earlier, type ActionOrder, type MessageState, type Metadata } from './message.ts';

/** A `read` or `unread`, already ordered: `at` is no later than the moment the log took it. */
export interface StateAction {
  readonly action: 'read' | 'unread';
  readonly order: ActionOrder;
}

const STATE_AFTER: Readonly<Record<StateAction['action'], MessageState>> = { read: 'old', unread: 'new' };

/** An action's place among the others: `at` counts as no later than the moment the log took it (CONTRACT section 3). */
export function actionOrder(at: string, takenAt: string, eventId: string): ActionOrder {
  return { at: earlier(at, takenAt), id: eventId };
}

/** Whether `a` comes after `b`: by time, then by event id in code unit order. */
export function isLater(a: ActionOrder, b: ActionOrder): boolean {
  const difference = Date.parse(a.at) - Date.parse(b.at);
  return difference > 0 || (difference === 0 && a.id > b.id);
}

/**
 * What a `read` or `unread` makes of a message: the changed metadata, or null where it takes no effect because a later
 * one did already, or it is that one again.
 * @param now RFC 3339: the new last-modified time.
 */
export function applyStateAction(message: Metadata, action: StateAction, now: string): Metadata | null {
  if (message.lastAction !== undefined && !isLater(action.order, message.lastAction)) return null;
  return {
    ...message,
    state: STATE_AFTER[action.action],
    lastAction: action.order,
    revision: message.revision + 1,
    modifiedAt: now,
  };
}

/** What a forward makes of its source, or null where this very forward was counted already. */
export function applyForward(message: Metadata, eventId: string, now: string): Metadata | null {
  if (message.lastForwardId === eventId) return null;
  return { ...message, lastForwardId: eventId, revision: message.revision + 1, modifiedAt: now };
}

/** The message that a forward adds: new, at revision 1, with the source's caller, time and mark, and media of its own. */
export function forwardedMessage(
  source: Metadata,
  target: { readonly mailbox: string; readonly messageId: string; readonly mediaKey: string },
  now: string,
): Metadata {
  const { lastAction: _lastAction, lastForwardId: _lastForwardId, ...kept } = source;
  return {
    ...kept,
    mailbox: target.mailbox,
    messageId: target.messageId,
    state: 'new',
    media: { ...source.media, key: target.mediaKey },
    revision: 1,
    modifiedAt: now,
    forwardedFrom: { mailbox: source.mailbox, messageId: source.messageId },
  };
}
