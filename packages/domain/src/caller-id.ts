import { isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/max';

/** What an anonymous caller's ANI says where the number should be: RFC 3323 §4.1, 3GPP TS 24.607, and what carriers send. */
const ANONYMOUS: ReadonlySet<string> = new Set([
  'anonymous',
  'unknown',
  'restricted',
  'unavailable',
  'private',
  'withheld',
  'blocked',
  'not available',
  'no caller id',
  'null',
  'none',
]);

/** A name-addr (RFC 3261 §25.1): what a display name in quotes holds, `<` too, is none of the address. */
const NAME_ADDR = /^(?:"(?:[^"\\]|\\.)*"\s*|[^<>]*)<([^<>]*)>.*$/s;
const SCHEME = /^\s*(sips?|tel):/i;
/** A number without a scheme but with a host, as some gateways send it. */
const NUMBER_AT_HOST = /^([+\d\s().-]+)@/;
/** Ends a form that changes with every look at it; no known input comes near. */
const MAX_PASSES = 64;

/** Whether this is an ISO 3166-1 alpha-2 country that numbers can be read for. */
export const isCountry = (code: string): boolean => isSupportedCountry(code);

/**
 * The form by which a caller is matched (CONTRACT section 1): scheme, host and parameters off; then E.164 where the number
 * parses (it need not be valid), otherwise its digits, otherwise the lower-cased text. A form is its own canonical form.
 *
 * Text with letters in it is no number, and keeps its letters: `alice7` and `bob7` are two callers. A number that says by its
 * `+` that it is international and does not parse keeps the `+`, so that it is never taken for a national one.
 * @param raw the ANI as received: a number in any notation, a `sip:`, `sips:` or `tel:` URI, or any text.
 * @param defaultCountry the country of numbers without a `+`, ISO 3166-1 alpha-2; with an unknown one only those with a `+` parse.
 * @returns null for an anonymous caller.
 */
export function canonicalCallerId(raw: string | null, defaultCountry: string): string | null {
  let form = raw;
  for (let pass = 0; pass < MAX_PASSES && form !== null; pass++) {
    const next = onePass(form, defaultCountry);
    if (next === form) return form;
    form = next;
  }
  return form;
}

/** Every form a caller may be stored under: that of the default country and of each former one, each once, the present one first. */
export function callerIdForms(
  raw: string | null,
  defaultCountry: string,
  formerDefaultCountries: readonly string[],
): readonly string[] {
  const forms = [defaultCountry, ...formerDefaultCountries].map((country) => canonicalCallerId(raw, country));
  return [...new Set(forms)].filter((form) => form !== null);
}

function onePass(raw: string, defaultCountry: string): string | null {
  const text = address(raw.trim()).trim();
  const lowerCased = text.toLowerCase();
  if (text === '' || ANONYMOUS.has(lowerCased)) return null;
  return e164(text, defaultCountry) ?? digits(text) ?? lowerCased;
}

/** The user part of a SIP URI, the subscriber of a tel URI (RFC 3261 §19.1.1, RFC 3966 §3), any other text as it is. */
function address(text: string): string {
  const inner = NAME_ADDR.exec(text)?.[1] ?? text;
  const scheme = SCHEME.exec(inner);
  if (scheme === null) return NUMBER_AT_HOST.exec(inner)?.[1] ?? inner;
  const rest = inner.slice(scheme[0].length);
  const at = rest.indexOf('@');
  const user = at < 0 ? rest.replace(/\?.*$/s, '') : rest.slice(0, at);
  const withoutParameters = user.replace(/;.*$/s, '');
  const isSip = scheme[1]?.toLowerCase() !== 'tel';
  return percentDecoded(isSip ? withoutParameters.replace(/:.*$/s, '') : withoutParameters);
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not percent-encoded UTF-8: the text is what it is.
    return text;
  }
}

function e164(text: string, defaultCountry: string): string | undefined {
  const country = isSupportedCountry(defaultCountry) ? { defaultCountry } : {};
  // `extract: false`: a number within other text is not the caller's number.
  return parsePhoneNumberFromString(text, { ...country, extract: false })?.number;
}

function digits(text: string): string | undefined {
  if (/\p{L}/u.test(text)) return undefined;
  const found = text.replace(/\D/g, '');
  if (found === '') return undefined;
  return text.startsWith('+') ? `+${found}` : found;
}
