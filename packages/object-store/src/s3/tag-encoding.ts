import type { Tags } from '../port.ts';
import { StoreFault } from '../store-fault.ts';

/** Of an object, and the characters of a tag's name and value ("Categorizing your storage using tags" of the S3 user guide). */
const MAX_TAGS = 10;
const MAX_NAME_LENGTH = 128;
const MAX_VALUE_LENGTH = 256;

const PLAIN = /[A-Za-z0-9+\-._/@]/;
const ALL_PLAIN = /^[A-Za-z0-9+\-._/@]*$/;
const ESCAPED = /(?:=[0-9A-F]{2})+/g;

/**
 * Any text in characters that a tag may hold. Neither `:`, so that no name begins with the reserved `aws:`, nor a blank, which
 * some servers cut off at the ends.
 */
function encode(text: string): string {
  if (ALL_PLAIN.test(text)) return text;
  return Array.from(Buffer.from(text), (byte) => {
    const char = String.fromCharCode(byte);
    return PLAIN.test(char) ? char : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

/** Total: what others have written may be anything. */
const decode = (text: string): string =>
  text.replaceAll(ESCAPED, (escaped) => Buffer.from(escaped.replaceAll('=', ''), 'hex').toString());

/** @throws StoreFault `unsupported` where S3 has no room for them; the message names none. */
function encodedPairs(tags: Tags): (readonly [string, string])[] {
  const pairs = Object.entries(tags).map(([name, value]) => [encode(name), encode(value)] as const);
  if (pairs.length > MAX_TAGS) throw new StoreFault('unsupported', `an object has at most ${MAX_TAGS} tags`);
  for (const [name, value] of pairs) {
    if (name === '' || name.length > MAX_NAME_LENGTH || value.length > MAX_VALUE_LENGTH) {
      throw new StoreFault('unsupported', 'a tag has a name, and no room for a text as long as this one');
    }
  }
  return pairs;
}

/** Tags as the header of a write takes them. @throws StoreFault `unsupported`. */
export const taggingOf = (tags: Tags): string =>
  encodedPairs(tags)
    .map((pair) => pair.map(encodeURIComponent).join('='))
    .join('&');

/** Tags as the one line of metadata that repeats them. @throws StoreFault `unsupported`. */
export const lineOf = (tags: Tags): string =>
  encodedPairs(tags)
    .map((pair) => pair.join(':'))
    .join('&');

export const tagsOfLine = (line: string): Tags =>
  Object.fromEntries(
    line
      .split('&')
      .filter((pair) => pair !== '')
      .map((pair) => {
        const [name = '', value = ''] = pair.split(':');
        return [decode(name), decode(value)];
      }),
  );
