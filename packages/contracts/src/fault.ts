import type { z } from 'zod';

/** One thing that is wrong with an input. */
export interface Fault {
  /** Where: `data.media.base64`, `ce_mailbox`, `[0].regions[1].storage.root`; empty for the whole. */
  readonly path: string;
  /** What is wrong, without the value: it may hold a caller's number or a secret. */
  readonly message: string;
}

/** A zod schema of the contract. */
export type Schema<T> = z.ZodType<T>;

/** What a check gave: the value, or every fault. */
export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** Checks a value against a schema; the paths of its faults begin with `at`. */
export function check<T>(schema: Schema<T>, input: unknown, at = ''): Checked<T> {
  const result = schema.safeParse(input, { error: describe });
  return result.success
    ? { ok: true, value: result.data }
    : { ok: false, faults: result.error.issues.flatMap((issue) => faultsOf(issue, at)) };
}

/** Several faults in one sentence, for an error's message. */
export const summary = (faults: readonly Fault[]): string =>
  faults.map(({ path, message }) => (path === '' ? message : `${path} ${message}`)).join('; ');

/** The path of a child: `a.b` of a field, `a[0]` of an item. */
export function childPath(parent: string, child: PropertyKey): string {
  if (typeof child === 'number') return `${parent}[${child}]`;
  return parent === '' ? String(child) : `${parent}.${String(child)}`;
}

function faultsOf(issue: z.core.$ZodIssue, at: string): Fault[] {
  const path = issue.path.reduce(childPath, at);
  if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }];
  return issue.keys.map((key) => ({ path: childPath(path, key), message: 'is not a known field' }));
}

/** Words for what zod found. Schemas that say their own words go first. */
function describe(issue: z.core.$ZodRawIssue): string {
  if (issue.input === undefined) return 'is missing';
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${withArticle(issue.expected)}`;
    case 'invalid_value':
      return oneOf(issue.values);
    case 'invalid_union':
      return 'options' in issue && Array.isArray(issue.options) ? oneOf(issue.options) : 'is not valid';
    case 'too_small':
      return `must be ${atLeast(issue.origin, issue.minimum)}`;
    case 'too_big':
      return `must be ${atMost(issue.origin, issue.maximum)}`;
    case 'invalid_format':
      return `must be ${FORMATS.get(issue.format) ?? issue.format}`;
    default:
      return 'is not valid';
  }
}

const FORMATS: ReadonlyMap<string, string> = new Map([
  ['datetime', 'an RFC 3339 time, such as 2026-03-02T10:00:00Z'],
  ['guid', 'a UUID'],
]);

/** Values that the schema names itself. */
const oneOf = (values: readonly unknown[]): string =>
  `must be ${values.map((value) => JSON.stringify(value)).join(' or ')}`;

const withArticle = (type: string): string =>
  type === 'int' ? 'a whole number' : /^[aeio]/.test(type) ? `an ${type}` : `a ${type}`;

function atLeast(origin: string, minimum: number | bigint): string {
  if (origin === 'string') return minimum === 1 ? 'not empty' : `at least ${minimum} characters long`;
  return origin === 'array' ? `a list of at least ${minimum}` : `at least ${minimum}`;
}

function atMost(origin: string, maximum: number | bigint): string {
  if (origin === 'string') return `at most ${maximum} characters long`;
  return origin === 'array' ? `a list of at most ${maximum}` : `at most ${maximum}`;
}
