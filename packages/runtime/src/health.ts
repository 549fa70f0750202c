import type { Clock } from './clock.ts';
import { maskText } from './mask.ts';

export interface HealthCheck {
  readonly name: string;
  readonly ok: boolean;
  /** What is wrong, where something is. */
  readonly detail?: string;
}

export interface HealthReport {
  /** Everything the process is for can be done. */
  readonly ready: boolean;
  readonly checks: readonly HealthCheck[];
}

/** What `/readyz` asks: a list of named checks. */
export interface Health {
  /** @param check resolves when the thing can do its work now; what it rejects with is the detail. */
  add(name: string, check: () => Promise<void>): void;
  /** Runs all checks side by side; calls within `HEALTH_CACHE_MS` share one answer, so that probes cannot load the stores. */
  report(): Promise<HealthReport>;
}

export interface HealthOptions {
  readonly clock: Clock;
  /** A check that took longer has failed. */
  readonly checkTimeoutMs: number;
}

export const HEALTH_CACHE_MS = 500;

export function createHealth({ clock, checkTimeoutMs }: HealthOptions): Health {
  const checks: { readonly name: string; readonly check: () => Promise<string | undefined> }[] = [];
  let cached: { readonly sinceMs: number; readonly report: Promise<HealthReport> } | undefined;

  const runOne = async (name: string, check: () => Promise<string | undefined>): Promise<HealthCheck> => {
    const over = new AbortController();
    const timeout = clock.sleep(checkTimeoutMs, over.signal).then(
      () => `no answer within ${checkTimeoutMs} ms`,
      // Only the abort below ends the sleep early, after the race is decided.
      () => undefined,
    );
    const detail = await Promise.race([check(), timeout]);
    over.abort();
    return detail === undefined ? { name, ok: true } : { name, ok: false, detail };
  };
  const runAll = async (): Promise<HealthReport> => {
    const results = await Promise.all(checks.map(({ name, check }) => runOne(name, check)));
    return { ready: results.every((result) => result.ok), checks: results };
  };

  return {
    add: (name, check) => {
      checks.push({ name, check: oneAtATime(check) });
      cached = undefined;
    },
    report: () => {
      const nowMs = clock.monotonicMs();
      if (cached === undefined || nowMs - cached.sinceMs >= HEALTH_CACHE_MS) {
        cached = { sinceMs: nowMs, report: runAll() };
      }
      return cached.report;
    },
  };
}

/**
 * Resolves with what is wrong. A run that has not come back is joined instead of starting another: probes of a store that hangs must not pile up.
 */
function oneAtATime(check: () => Promise<void>): () => Promise<string | undefined> {
  let running: Promise<string | undefined> | undefined;
  return () =>
    (running ??= Promise.resolve()
      .then(check)
      .then(
        () => undefined,
        (error: unknown) => maskText(error instanceof Error ? error.message : String(error)),
      )
      .finally(() => {
        running = undefined;
      }));
}
