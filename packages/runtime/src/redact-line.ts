import { maskMarked, maskText } from './mask.ts';

/** What stands where a value was that must not be printed. */
export const REDACTED = '[redacted]';

/** Fields whose values never appear, at any depth, in any spelling (`callerId`, `ce_callerid`, `ce-callerid`, `caller_id`). */
const REDACTED_FIELDS: ReadonlySet<string> = new Set(
  [
    'callerid cecallerid caller callers canonicalcallerid ani phone phones phonenumber consumer consumers',
    'authorization cookie setcookie token accesstoken apikey secret password credentials',
    'ip ips remoteaddress remoteport remotehost remotefamily xforwardedfor forwarded headers rawheaders base64',
  ].flatMap((line) => line.split(' ')),
);

/** Fields that hold identifiers and times of ours (`id`, `messageId`, `tenant_id`, `asOf`): digits in them are no phone number. */
const IDENTIFIER_FIELD =
  /^(?:id|ids|mailbox|mailboxes|key|keys|topic|partition|offset|etag|revision|time|at|asOf|traceparent|tracestate|version|sha256)$|[a-z](?:Id|Ids|Mailbox|Mailboxes|Key|Keys|Offset|Revision|At)$|_id$/;

/** Nobody logs deeper than this; what would is withheld rather than walked for ever. */
const MAX_DEPTH = 20;

/**
 * The last thing that happens to a log line: fields with callers' data or secrets are redacted at any depth, and what looks
 * like a phone number or an IP address is masked in every other text. Identifiers in fields of their own stay whole.
 * A line that cannot be read is withheld: nothing unchecked gets out.
 */
export function redactLine(line: string): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    const msg = 'A log line that is no JSON was withheld.';
    return `${JSON.stringify({ level: 'error', msg, length: line.length })}\n`;
  }
  return `${JSON.stringify(redactValue('', parsed, 0))}\n`;
}

/** @param field the name of the field that holds the value; elements of an array go by the name of the array. */
function redactValue(field: string, value: unknown, depth: number): unknown {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'string') return IDENTIFIER_FIELD.test(field) ? maskMarked(value) : maskText(value);
  if (depth === MAX_DEPTH) return REDACTED;
  if (Array.isArray(value)) return value.map((item) => redactValue(field, item, depth + 1));
  return Object.fromEntries(
    Object.entries(value as Record<string, unknown>).map(([name, inner]) => [
      // Names come from outside where a map is logged.
      maskMarked(name),
      isRedacted(name) && inner !== null ? REDACTED : redactValue(name, inner, depth + 1),
    ]),
  );
}

function isRedacted(name: string): boolean {
  return REDACTED_FIELDS.has(name.toLowerCase().replaceAll(/[^a-z0-9]/g, ''));
}
