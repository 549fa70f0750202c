import { checkKey, isKey } from '../key.ts';
import { StoreError } from '../store-error.ts';

/**
 * How a key becomes the name of a blob, and back. The service makes a slash of a backslash and drops dots at the end of a segment
 * ("Naming and Referencing Containers, Blobs, and Metadata"), so no name holds either. All else stays as it is.
 *
 * Names sort as their keys do, so that the service's own order is that of the keys and a listing can begin at any of them: a code
 * stands where the character it is for would stand, and none is the beginning of another. The service lists in lexical order and does
 * not say by which units; the range from U+D7FF on is written with its lowest character, so UTF-8 and UTF-16 agree.
 */
const CODES: readonly Code[] = [
  ['[', '[0'],
  ['\\', '[1'],
];
/** After a dot, which must not be the last of its segment. */
const CODES_AFTER_DOT: readonly Code[] = [
  [' ', ' 1'],
  ['.', '.0'],
  ['/', '.1/'],
];
/** The end of a key that ends in a dot. */
const END_AFTER_DOT: Code = ['', ' 0'];
const HIGH = '\ud7ff';
const HEX_DIGITS = 4;

type Code = readonly [char: string, code: string];

/** What any text holds that is not written as it is. */
const CODED = /[[\\\ud7ff\ue000-\uffff]|\.(?:[ ./]|$)/;

const MAX_NAME_CHARS = 1024;
const MAX_SEGMENTS = 254;

/** The name of a key's blob, or the beginning of the names below a prefix. */
export function encodeName(key: string): string {
  if (!CODED.test(key)) return key;
  let name = '';
  let isAfterDot = false;
  for (const char of key) {
    name += codeOf(char, isAfterDot);
    isAfterDot = char === '.';
  }
  return isAfterDot ? name + END_AFTER_DOT[1] : name;
}

function codeOf(char: string, isAfterDot: boolean): string {
  const codes = isAfterDot ? [...CODES_AFTER_DOT, ...CODES] : CODES;
  const code = codes.find(([one]) => one === char)?.[1];
  if (code !== undefined) return code;
  return char >= HIGH && char.length === 1 ? HIGH + char.charCodeAt(0).toString(16) : char;
}

/** The key whose blob has this name, or null: others may put blobs beside the store's own. */
export function decodeName(name: string): string | null {
  const key = CODED.test(name) ? decode(name) : name;
  return isKey(key.replace(/\/$/, '')) && encodeName(key) === name ? key : null;
}

/** What comes of a name that has no key is seen when it is written again. */
function decode(name: string): string {
  let key = '';
  for (let at = 0; at < name.length;) {
    const codes = key.endsWith('.') ? [END_AFTER_DOT, ...CODES_AFTER_DOT, ...CODES] : CODES;
    const [char, code] = codes.find(([, one]) => name.startsWith(one, at)) ?? plainAt(name, at);
    at += code.length;
    key += char;
  }
  return key;
}

function plainAt(name: string, at: number): Code {
  const char = name.charAt(at);
  if (char !== HIGH) return [char, char];
  const code = name.slice(at, at + 1 + HEX_DIGITS);
  return [String.fromCharCode(Number.parseInt(code.slice(1), 16)), code];
}

/** @throws StoreError `invalid-key` for a key that no store may hold, or that is too long as a name here. */
export function blobName(operation: string, key: string): string {
  checkKey(operation, key);
  const name = encodeName(key);
  if (name.length <= MAX_NAME_CHARS && name.split('/').length <= MAX_SEGMENTS) return name;
  const limits = `${MAX_NAME_CHARS} characters and ${MAX_SEGMENTS} segments, escapes included`;
  throw new StoreError('invalid-key', operation, JSON.stringify(key), `a blob's name has at most ${limits}`);
}
