import type { MwiView } from '@voicemail/contracts';
import type { Terminal } from './terminal.ts';

const SECOND_MS = 1_000;
const MINUTE_S = 60;

/** `1:05` of a recording's length in ms; `?` where the media did not say. */
export function length(durationMs: number | null): string {
  if (durationMs === null) return '?';
  const seconds = Math.round(durationMs / SECOND_MS);
  return `${Math.floor(seconds / MINUTE_S)}:${String(seconds % MINUTE_S).padStart(2, '0')}`;
}

/** An RFC 3339 time as a person reads it, in UTC and to the second. */
export function time(rfc3339: string): string {
  const at = new Date(rfc3339);
  return Number.isNaN(at.getTime()) ? rfc3339 : `${at.toISOString().slice(0, 19).replace('T', ' ')}Z`;
}

/** `1 recording`, `1,024 recordings`. @param many the plural, with an `s` unless told. */
export function amount(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** A number of bytes as a person reads it. */
export function bytes(count: number): string {
  let [value, unit] = [count, 0];
  for (; value >= 1024 && unit < UNITS.length - 1; unit += 1) value /= 1024;
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}

/** One line of a mailbox's lamp. */
export function lampLine(mwi: MwiView, terminal: Pick<Terminal, 'style'>): string {
  const lamp = mwi.messagesWaiting ? terminal.style('green', 'on ') : 'off';
  const urgent = mwi.urgentNew + mwi.urgentOld === 0 ? '' : ` (urgent: ${mwi.urgentNew} new, ${mwi.urgentOld} old)`;
  const notes = [...(mwi.full ? ['full'] : []), ...(mwi.stale ? ['not confirmed now'] : [])];
  return `lamp of ${mwi.mailbox}: ${lamp}  ${mwi.new} new, ${mwi.old} old${urgent}${notes.map((note) => `, ${note}`).join('')}`;
}
