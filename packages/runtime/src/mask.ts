/** What stands where a phone number was. */
export const MASKED_NUMBER = '[number]';
/** What stands where an IP address was. */
export const MASKED_ADDRESS = '[address]';

/** What stands where a caller's keyed hash was, or the name of what was staged, also in an error's message of its own (see StoreError). */
const MASKED_NAME = '***';

/** `…/index/caller_id/<hash>/…` in a key, or in a volume's path that a failed system call names. */
const CALLER_HASH = /\bcaller_id\/[^/\s'"]+/g;
/**
 * `staging/<tenant>/<name>` in a key, a path or an address: a publisher chose the name, maybe by who called. As far as the quotation, the line or the
 * text goes, or to the colon before what is said of it.
 */
const STAGED = /\bstaging(\/|%2f)([^/%\s'"]+)(\/|%2f)[^'"\n]*?(?=['"\n]|: |$)/gi;
/** `sip:+15551212000@host;x=y`, `tel:+1-555-121-2000`, also percent-encoded: the scheme stays, the rest goes. */
const URI = /\b(sips?|tel)(?::|%3a)[^\s"'<>,]+/gi;
/** `+1 555 121 2000`, `+1(555)121-2000`, `%2B15551212000`: a plus and 7 digits or more with the usual marks between them. */
const INTERNATIONAL = /(?:\+|%2b)(?:[\s().-]{0,2}\d){7,40}/gi;
/** `(555) 121-2000`. */
const BRACKETED = /\(\d{2,5}\)[\s.-]{0,2}\d{2,4}(?:[\s.-]?\d{2,4}){1,3}/g;
/** `555-121-2000`, `1.555.121.2000`. */
const GROUPED = /(?<![\w.-])(?:1[\s.-])?\d{3}([\s.-])\d{3}\1\d{4}(?![\w-])/g;
/** `15551212000`: 7 to 15 digits, and nothing around that would make an identifier, a path or a fraction of them. */
const BARE = /(?<![\w./-])\d{7,15}(?![\w/-]|\.\d)/g;

const IPV4 = /(?<!\d|\d\.)\d{1,3}(?:\.\d{1,3}){3}(?!\d|\.\d)/g;
/** Runs of hexadecimal digits and colons; which of them are addresses is told by their colons. */
const COLONS = /(?<!\w)[0-9a-f:]{2,}(?:\.\d{1,3}){0,3}/gi;
/** A time of day has two, so an address that is written out is known by this many. */
const IPV6_COLONS = 4;

/**
 * Masks the numbers that show what they are by their marks, keyed hashes and staged names; bare digits and addresses stay. For fields that hold identifiers.
 */
export function maskMarked(text: string): string {
  return text
    .replace(CALLER_HASH, `caller_id/${MASKED_NAME}`)
    .replace(STAGED, `staging$1$2$3${MASKED_NAME}`)
    .replace(URI, `$1:${MASKED_NUMBER}`)
    .replace(INTERNATIONAL, MASKED_NUMBER)
    .replace(BRACKETED, MASKED_NUMBER);
}

/** Masks everything in a text that looks like a phone number or an IP address, bare digits too. For messages and errors. */
export function maskText(text: string): string {
  return maskMarked(text)
    .replace(COLONS, (run) => (run.includes('::') || run.split(':').length > IPV6_COLONS ? MASKED_ADDRESS : run))
    .replace(IPV4, MASKED_ADDRESS)
    .replace(GROUPED, MASKED_NUMBER)
    .replace(BARE, MASKED_NUMBER);
}
