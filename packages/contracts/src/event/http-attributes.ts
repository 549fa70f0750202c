import type { Fault } from '../fault.ts';
import { ATTRIBUTE_PREFIX, CONTENT_TYPE } from './record.ts';

/** As Node gives them. */
export type HttpHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** CloudEvents 1.0 §3: attribute names are lower-case letters and digits. */
const ATTRIBUTE_HEADER = /^ce-[a-z0-9]+$/;
const HTTP_PREFIX = 'ce-';
const CARRIED: readonly string[] = [CONTENT_TYPE, 'traceparent', 'tracestate'];

/** The record headers of a request: its attributes decoded, its content type and trace context. All other headers stay behind. */
export function httpAttributes(headers: HttpHeaders): {
  readonly headers: Readonly<Record<string, string>>;
  readonly faults: readonly Fault[];
} {
  const decoded: Record<string, string> = {};
  const faults: Fault[] = [];
  for (const [rawName, values] of Object.entries(headers)) {
    const name = rawName.toLowerCase();
    const isAttribute = ATTRIBUTE_HEADER.test(name);
    if (values === undefined || (!isAttribute && !CARRIED.includes(name))) continue;
    const value = typeof values === 'string' ? values : onlyOne(values);
    if (value === undefined) {
      faults.push({ path: name, message: 'must be sent once' });
    } else if (isAttribute) {
      const text = decodeAttribute(value);
      if (text === undefined) faults.push({ path: name, message: 'must be percent-encoded UTF-8' });
      decoded[ATTRIBUTE_PREFIX + name.slice(HTTP_PREFIX.length)] = text ?? value;
    } else {
      decoded[name] = value;
    }
  }
  return { headers: decoded, faults };
}

const onlyOne = (values: readonly string[]): string | undefined => (values.length === 1 ? values[0] : undefined);

/** CloudEvents HTTP binding §3.1.3.2: double quotes and backslashes of older senders off, then one round of percent-decoding. */
function decodeAttribute(value: string): string | undefined {
  // Most values are what they mean.
  if (!/["%]/.test(value)) return value;
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(value)?.[1]?.replaceAll(/\\(.)/g, '$1');
  try {
    return decodeURIComponent(quoted ?? value);
  } catch {
    return undefined;
  }
}
