import { z } from 'zod';
import { MAX_CALLER_ID_CHARS } from '../data/fields.ts';
import type { Fault } from '../fault.ts';

/** What a GDPR call asks about. */
export interface Consumers {
  /** As sent, each once. */
  readonly phones: readonly string[];
  /** What else the body says: it does not count. */
  readonly ignored: readonly Readonly<Record<string, unknown>>[];
  /** The contact centre that it is for, in lower case; null: it names none. */
  readonly ccid: string | null;
  readonly faults: readonly Fault[];
}

const CONSUMER_KEYS: ReadonlySet<string> = new Set(['consumer', 'consumers']);
/** Deeper than this no input is nested. */
const MAX_DEPTH = 32;
const MAX_PHONES = 1_000;
const Ccid = z.guid().toLowerCase().optional();

/**
 * Reads the numbers out of a GDPR call's body: of every `phone` below a `consumer` or `consumers`, however they are nested.
 * @param body JSON that was parsed.
 */
export function consumersOf(body: unknown): Consumers {
  const phones = new Set<string>();
  const ignored: Record<string, unknown>[] = [];
  const faults: Fault[] = [];
  const tooDeep = (path: string): void =>
    void faults.push({ path, message: `must not be nested deeper than ${MAX_DEPTH} levels` });
  const phone = (value: unknown, path: string, depth: number): void => {
    const text = typeof value === 'number' ? String(value) : value;
    if (depth > MAX_DEPTH) tooDeep(path);
    else if (Array.isArray(text)) text.forEach((one, index) => phone(one, `${path}.${index}`, depth + 1));
    else if (typeof text !== 'string' || text.trim() === '') faults.push({ path, message: 'must be a phone number' });
    else if (text.length > MAX_CALLER_ID_CHARS) {
      faults.push({ path, message: `must be at most ${MAX_CALLER_ID_CHARS} characters long` });
    } else phones.add(text);
  };
  /** @param name under which it stands, or the list that it stands in. */
  const walk = (value: unknown, name: string, path: string, isConsumer: boolean, depth: number): void => {
    if (depth > MAX_DEPTH) {
      tooDeep(path);
    } else if (Array.isArray(value)) {
      value.forEach((one, index) => walk(one, name, join(path, String(index)), isConsumer, depth + 1));
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, field] of Object.entries(value)) {
        const at = join(path, key);
        if (isConsumer && key === 'phone') phone(field, at, depth + 1);
        else if (path !== '' || key !== 'ccid') walk(field, key, at, isConsumer || CONSUMER_KEYS.has(key), depth + 1);
      }
    } else ignored.push({ [name]: value });
  };
  walk(body, '', '', false, 0);
  if (phones.size === 0 && faults.length === 0) {
    faults.push({ path: 'consumer', message: 'must name a phone: {"consumer": [{"phone": "..."}]}' });
  }
  if (phones.size > MAX_PHONES) faults.push({ path: 'consumer', message: `must name at most ${MAX_PHONES} phones` });
  const ccid = Ccid.safeParse(typeof body === 'object' && body !== null && 'ccid' in body ? body.ccid : undefined);
  if (!ccid.success) faults.push({ path: 'ccid', message: 'must be a UUID' });
  return { phones: [...phones], ignored, faults, ccid: ccid.data ?? null };
}

const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);
