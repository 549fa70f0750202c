import { check, type Checked, type Fault } from '../fault.ts';
import type { EventType } from '../topics.ts';
import { Attributes } from './attributes.ts';
import type { EventContext } from './incoming-event.ts';
import { InvalidEvent, type InvalidEventReason } from './invalid-event.ts';
import { openEvent, type OpenEvent } from './open-event.ts';
import { readableParts } from './readable-parts.ts';
import type { EventRecord } from './record.ts';
import { traceContext } from './trace-context.ts';

/**
 * Opens a record, checks its attributes and, with `readData`, its data.
 * @throws InvalidEvent with the faults of the attributes and of the data together.
 */
export function checkedEvent<T>(
  record: EventRecord,
  type: EventType,
  readData: (event: OpenEvent) => Checked<T>,
): { readonly context: EventContext; readonly data: T } {
  const refused = (reason: InvalidEventReason, faults: readonly Fault[]): InvalidEvent =>
    new InvalidEvent(reason, faults, readableParts(record));
  const event = openEvent(record);
  if ('length' in event) throw refused('malformed', event);
  const { attributes, pathOf } = event;
  const checked = check(Attributes, attributes);
  const envelopeFaults = checked.ok ? [] : checked.faults.map((fault) => ({ ...fault, path: pathOf(fault.path) }));
  if (checked.ok && checked.value.type !== type) {
    throw refused('unknown-type', [{ path: pathOf('type'), message: `must be ${type} on this topic` }]);
  }
  // Of an event of another type nothing can be said about the data; one that says no type is taken for the topic's.
  const data = (attributes['type'] ?? type) === type ? readData(event) : undefined;
  const faults = distinct([...envelopeFaults, ...(data === undefined || data.ok ? [] : data.faults)]);
  if (!checked.ok) throw refused('malformed', faults);
  if (data?.ok !== true) throw refused('invalid-data', faults);
  const { id, source, time } = checked.value;
  return { context: { id, source, time, ...traceContext(record.headers, attributes) }, data: data.value };
}

/** One fault a place: an attribute that is a field of the data too would be named twice. */
function distinct(faults: readonly Fault[]): readonly Fault[] {
  return faults.filter((fault, index) => faults.findIndex(({ path }) => path === fault.path) === index);
}
