import type { Clock, Logger } from '@voicemail/runtime';
import { CallerHashKeyMismatch } from '@voicemail/message-store';
import { StoreError } from '@voicemail/object-store';
import { STOP_WORK_MS } from './limits.ts';
import { HttpProblem, notFound } from './problem.ts';

/** Work that goes on after the call that began it, and is looked at by others. */
export interface Work<R, I> {
  /** What was asked for. */
  readonly request: R;
  /** How far it is, for each tenant; filled in while it runs. */
  readonly items: readonly I[];
  state: 'running' | 'done' | 'failed';
  readonly startedAt: string;
  endedAt: string | null;
  /** Why it failed; the next one goes on from there. */
  reason: string | null;
}

/** One kind of work. */
export interface WorkKind<R, I> {
  /**
   * Begins it, or joins what is under way if the same is asked for.
   * @param run rejects when the signal aborts.
   * @throws HttpProblem 409 while other work is under way.
   */
  begin(request: R, items: readonly I[], run: (signal: AbortSignal) => Promise<void>): Work<R, I>;
  /** What is under way, or was last. @throws HttpProblem 404 where there was none since the start. */
  last(): Work<R, I>;
}

/**
 * The long work over the stores. One at a time, whatever its kind: two that move the same things would take them from each other. What a stop
 * ends goes on when it is asked for again, for how far it was is in the stores.
 */
export interface LongWork {
  kind<R, I>(name: string): WorkKind<R, I>;
  /** Ends what is under way, and waits a moment until it has: a large recording on its way is cut off when its store is closed. */
  stop(): Promise<void>;
}

export function longWork({ clock, logger }: { readonly clock: Clock; readonly logger: Logger }): LongWork {
  const stopping = new AbortController();
  let running: { readonly name: string; readonly request: string; readonly over: Promise<void> } | null = null;
  const nowText = (): string => new Date(clock.now()).toISOString();

  return {
    kind: <R, I>(name: string): WorkKind<R, I> => {
      let latest: Work<R, I> | null = null;
      const end = (work: Work<R, I>, error: unknown): void => {
        Object.assign(work, { state: error === null ? 'done' : 'failed', endedAt: nowText() });
        if (error === null) return;
        work.reason = reasonOf(error);
        if (!stopping.signal.aborted)
          logger.error({ err: error, work: name }, 'Long work failed; it goes on when asked for again');
      };
      return {
        begin: (request, items, run) => {
          const asked = JSON.stringify(request);
          if (running !== null) {
            if (running.name === name && running.request === asked && latest !== null) return latest;
            throw new HttpProblem(
              409,
              `Other work over the stores is under way (${running.name}): wait until it is done.`,
            );
          }
          const work: Work<R, I> = {
            request,
            items,
            state: 'running',
            startedAt: nowText(),
            endedAt: null,
            reason: null,
          };
          latest = work;
          const over = run(stopping.signal)
            .then(
              () => end(work, null),
              (error: unknown) => end(work, error),
            )
            .finally(() => {
              running = null;
            });
          running = { name, request: asked, over };
          return work;
        },
        last: () => {
          if (latest === null) throw notFound('operation since the server was started');
          return latest;
        },
      };
    },
    stop: async () => {
      stopping.abort(new Error('the server is stopping'));
      const waited = new AbortController();
      const late = clock.sleep(STOP_WORK_MS, waited.signal).catch(() => undefined);
      await Promise.race([running?.over, late]);
      waited.abort();
    },
  };
}

/** Only words of our own are told: what another error says may repeat what it read. */
function reasonOf(error: unknown): string {
  if (error instanceof StoreError) return error.key === null ? error.message : `${error.operation}: ${error.kind}`;
  if (error instanceof CallerHashKeyMismatch) return error.message;
  return error instanceof Error && error.message === 'the server is stopping'
    ? error.message
    : 'It failed; the log of the server says why.';
}
