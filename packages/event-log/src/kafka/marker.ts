import type { Clock, Ids } from '@voicemail/runtime';
import type { LogRecord, NewRecord } from '../port.ts';

/** An event that says nothing (CONTRACT section 3). Only after a later record does a partition's last segment leave the disk. */
const MARKER_TYPE = 'voicemail.log-marker.v1';

/** Whether the record is a marker, which nobody is to be given. */
export const isMarker = ({ headers }: Pick<LogRecord, 'headers'>): boolean => headers['ce_type'] === MARKER_TYPE;

/** A marker, as a CloudEvent in binary mode without data. */
export function marker(topic: string, clock: Clock, ids: Pick<Ids, 'uuid'>): NewRecord {
  return {
    topic,
    key: null,
    value: null,
    headers: {
      ce_id: ids.uuid(),
      ce_source: '/voicemail/log',
      ce_specversion: '1.0',
      ce_time: new Date(clock.now()).toISOString(),
      ce_type: MARKER_TYPE,
    },
  };
}
