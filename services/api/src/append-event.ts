import type { EventAccepted, EventContext } from '@voicemail/contracts';
import type { EventLog, NewRecord } from '@voicemail/event-log';
import type { FastifyRequest } from 'fastify';
import type { ApiOptions } from './context.ts';
import { eventIds } from './event-ids.ts';
import { traceOf } from './trace-context.ts';

const SOURCE = '/voicemail/api';

/** What the events of this API say of themselves. */
export type EventMaker = (request: FastifyRequest, after?: string) => EventContext;

/** @returns a function that dates an event now, or right after `after` (RFC 3339) where that is later: it has to win over what stands there. */
export function eventMaker({ clock, ids }: Pick<ApiOptions, 'clock' | 'ids'>): EventMaker {
  const nextId = eventIds(clock, ids);
  return (request, after) => {
    const timeMs = after === undefined ? clock.now() : Math.max(clock.now(), Date.parse(after) + 1);
    return { id: nextId(), source: SOURCE, time: new Date(timeMs).toISOString(), ...traceOf(request.headers) };
  };
}

/** Appends an event, and says where it is: durable from here on. @throws LogError. */
export async function appendEvent(log: EventLog, id: string, record: NewRecord): Promise<EventAccepted> {
  const [position] = await log.append([record]);
  if (position === undefined) throw new TypeError('the log gave no position for the record it took');
  const { topic, partition, offset } = position;
  return { id, topic, partition, offset };
}
