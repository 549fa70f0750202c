import { MailboxName } from '../data/mailbox.ts';
import { check, type Checked } from '../fault.ts';
import { EVENT_TYPES } from '../topics.ts';
import { checkedEvent } from './checked-event.ts';
import type { MailboxEvent } from './incoming-event.ts';
import { InvalidEvent } from './invalid-event.ts';
import { readableParts } from './readable-parts.ts';
import { ATTRIBUTE_PREFIX, type EventRecord } from './record.ts';

type Name = { readonly tenant: string; readonly mailbox: string };

/**
 * Reads a null value of the mailboxes topic. `ce_tenant` and `ce_mailbox` name the mailbox, or else the record key. A bare
 * tombstone, without the attributes of an event, has its place in the order by when and where the log took it.
 */
export function readTombstone(record: EventRecord): MailboxEvent {
  const isBare = !['specversion', 'id', 'source', 'type', 'time'].some(
    (name) => ATTRIBUTE_PREFIX + name in record.headers,
  );
  if (isBare && record.appendedAt !== undefined) return readBareTombstone(record, record.appendedAt);
  const { context, data } = checkedEvent(record, EVENT_TYPES.mailbox, () => nameOf(record));
  return { kind: 'mailbox', ...context, data: { ...data, settings: null } };
}

function readBareTombstone(record: EventRecord, appendedAt: number): MailboxEvent {
  const name = nameOf(record);
  if (!name.ok) throw new InvalidEvent('invalid-data', name.faults, readableParts(record));
  return {
    kind: 'mailbox',
    id: `tombstone-${record.partition ?? 0}-${record.offset ?? 0}`,
    source: 'log',
    time: new Date(appendedAt).toISOString(),
    data: { ...name.value, settings: null },
  };
}

function nameOf({ key, headers }: EventRecord): Checked<Name> {
  const [tenant, mailbox, ...rest] = key?.split('/') ?? [];
  const fromKey = rest.length === 0 ? { tenant, mailbox } : {};
  const name = {
    tenant: headers[`${ATTRIBUTE_PREFIX}tenant`] ?? fromKey.tenant,
    mailbox: headers[`${ATTRIBUTE_PREFIX}mailbox`] ?? fromKey.mailbox,
  };
  const checked = check(MailboxName, name);
  if (checked.ok) return checked;
  return { ok: false, faults: checked.faults.map((fault) => ({ ...fault, path: ATTRIBUTE_PREFIX + fault.path })) };
}
