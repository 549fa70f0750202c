import type { Problem } from '@voicemail/contracts';
import { CliError } from '../cli-error.ts';

/** A call that takes longer has failed; a recording is at most 32 MiB. */
const CALL_TIMEOUT_MS = 60_000;

/** Talks to a voicemail server as its users do: over HTTP, with the token. */
export interface Client {
  readonly url: string;
  /** The JSON of a successful answer. @throws CallError; CliError where the server cannot be reached. */
  call<T>(method: string, path: string, options?: CallOptions): Promise<T>;
  /** As `call`; null where the answer is 404. */
  find<T>(path: string): Promise<T | null>;
}

export interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
}

/** The server refused. */
export class CallError extends CliError {
  override readonly name = 'CallError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export function createClient(url: string, token: string): Client {
  const call = async <T>(method: string, path: string, { headers, body }: CallOptions = {}): Promise<T> => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { ...headers, authorization: `Bearer ${token}`, accept: 'application/json' },
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
      redirect: 'error',
      ...(body === undefined ? {} : { body }),
    }).catch((error: unknown) => {
      throw new CliError(`${url} cannot be reached (${reasonOf(error)}). Is the server running?`, { cause: error });
    });
    const text = await answer.text();
    if (!answer.ok) throw new CallError(answer.status, refusal(url, answer.status, text));
    return (text === '' ? null : parse(text)) as T;
  };
  return {
    url,
    call,
    find: async (path) => {
      try {
        return await call('GET', path);
      } catch (error) {
        if (error instanceof CallError && error.status === 404) return null;
        throw error;
      }
    },
  };
}

function refusal(url: string, status: number, text: string): string {
  if (status === 401) {
    return `${url} does not accept the token. Set VOICEMAIL_TOKEN to the server's, or DATA_DIR to its data folder.`;
  }
  const problem = parse(text) as Partial<Problem> | null;
  if (typeof problem?.title !== 'string') return `${url} answered ${status}.`;
  const said = problem.detail === undefined ? problem.title : `${problem.title}: ${problem.detail}`;
  return [said, ...(problem.faults ?? []).map(({ path, message }) => `  ${path} ${message}`)].join('\n');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** fetch says only that it failed; why is in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { cause } = error;
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  return error.name === 'TimeoutError' ? `no answer within ${CALL_TIMEOUT_MS / 1_000} s` : error.message;
}
