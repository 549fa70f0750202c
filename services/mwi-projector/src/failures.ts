import type { Clock, Logger } from '@voicemail/runtime';
import type { SkipReason } from './facts.ts';
import type { ProjectorMetrics } from './projector-metrics.ts';

/** A kind of failure is logged once in this time: a store that is down fails for every mailbox, over and over. */
const LOG_INTERVAL_MS = 10_000;

/** Counts what goes wrong, and logs it without flooding the log. */
export interface Failures {
  /** Work that failed and is tried again. @param work one of a few words, for it is a label too. */
  retry(work: string, error: unknown): void;
  /** A fact that was passed over. @param about where it is; no values of it. */
  skip(reason: SkipReason, about: Readonly<Record<string, unknown>>): void;
}

export function failures(logger: Pick<Logger, 'warn'>, metrics: ProjectorMetrics, clock: Clock): Failures {
  const logged = new Map<string, { readonly atMs: number; silent: number }>();
  const warn = (kind: string, about: Readonly<Record<string, unknown>>, message: string): void => {
    const last = logged.get(kind);
    const nowMs = clock.monotonicMs();
    if (last !== undefined && nowMs - last.atMs < LOG_INTERVAL_MS) {
      last.silent += 1;
      return;
    }
    logged.set(kind, { atMs: nowMs, silent: 0 });
    logger.warn({ ...about, alike: last?.silent ?? 0 }, message);
  };
  return {
    retry: (work, error) => {
      metrics.failures.inc({ work });
      warn(work, { work, err: error }, 'The projector failed and will try again');
    },
    skip: (reason, about) => {
      metrics.facts.inc({ outcome: reason });
      warn(`skip ${reason}`, { reason, ...about }, 'A fact was passed over');
    },
  };
}
