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

/** One line of a mailbox's lamp. */
export function lampLine(mwi: MwiView, terminal: Pick<Terminal, 'style'>): string {
  const lamp = mwi.messagesWaiting ? terminal.style('green', 'on ') : 'off';
  const urgent = mwi.urgentNew + mwi.urgentOld === 0 ? '' : ` (urgent: ${mwi.urgentNew} new, ${mwi.urgentOld} old)`;
  const notes = [...(mwi.full ? ['full'] : []), ...(mwi.stale ? ['not confirmed now'] : [])];
  return `lamp of ${mwi.mailbox}: ${lamp}  ${mwi.new} new, ${mwi.old} old${urgent}${notes.map((note) => `, ${note}`).join('')}`;
}
