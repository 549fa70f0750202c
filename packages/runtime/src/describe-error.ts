/** How far causes and the errors of an AggregateError are followed. */
const MAX_CAUSES = 5;
const MAX_ERRORS = 10;

/** Properties of errors that say what happened and hold no one's data; others are not printed, for they may be the input itself. */
const PRINTED = [
  'code',
  'kind',
  'retryable',
  'operation',
  'reason',
  'errno',
  'syscall',
  'path',
  'statusCode',
  'region',
  'topic',
];

/**
 * An error for the log: type, message, stack, a few known properties and its causes. Messages of parsers that quote what they read
 * lose the quotation, and errors of schemas are told by path and code alone.
 */
export function describeError(error: unknown, depth = 0): Record<string, unknown> {
  if (!(error instanceof Error))
    return { type: typeof error, message: typeof error === 'string' ? error : 'not an error' };
  const described: Record<string, unknown> = { type: error.name, ...messageOf(error) };
  for (const name of PRINTED) {
    const value: unknown = (error as unknown as Record<string, unknown>)[name];
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') described[name] = value;
  }
  described['stack'] = error.stack
    ?.split('\n')
    .filter((line) => line.startsWith('    at '))
    .join('\n');
  if (depth >= MAX_CAUSES) return described;
  if (error.cause !== undefined) described['cause'] = describeError(error.cause, depth + 1);
  if (error instanceof AggregateError) {
    described['errors'] = error.errors.slice(0, MAX_ERRORS).map((inner) => describeError(inner, depth + 1));
  }
  return described;
}

function messageOf(error: Error): Record<string, unknown> {
  const issues = (error as { readonly issues?: unknown }).issues;
  if (Array.isArray(issues)) {
    return { message: 'The input does not fit its schema.', faults: issues.map((issue) => describeIssue(issue)) };
  }
  // V8 quotes the text: `Unexpected token 'x', "…text…" is not valid JSON`.
  if (error instanceof SyntaxError) return { message: error.message.replaceAll(/"[^]*"/g, '"…"') };
  return { message: error.message };
}

/** Path, code and what was expected: never the message, which may quote, nor the names of unknown keys, which come from outside. */
function describeIssue(issue: { path?: readonly PropertyKey[]; code?: string; expected?: string }): object {
  return { path: issue.path?.map(String).join('.') ?? '', code: issue.code, expected: issue.expected };
}
