import type { EventLog } from '@voicemail/event-log';
import { createGdpr } from '@voicemail/gdpr';
import { createLedgers, type RegionStore, type TenantStores } from '@voicemail/message-store';
import { createLogger, createMetrics, systemIds } from '@voicemail/runtime';
import type { LeapingClock } from './leaping-clock.ts';

/** After their marks messages are due so soon: a round's clock goes on by this, and yesterday's erasures are not searched for again in each. */
const DUE_AFTER_MS = 3_600_000;

/** Forgets callers as the service does: the same work, told when instead of by a schedule. */
export interface Forgetter {
  /** Takes one request about callers in, and works on it until everything is marked. @returns the request's id. */
  mark(numbers: readonly string[]): Promise<string>;
  /** Lets the marks grow old, runs the rule and works until the callers are erased. @throws Error when a request is not erased then. */
  erase(requestIds: readonly string[]): Promise<void>;
  /** Runs the rule now. */
  runRule(): Promise<void>;
}

export function createForgetter(
  { log, clock }: { readonly log: EventLog; readonly clock: LeapingClock },
  given: TenantStores,
): Forgetter {
  const watched = ({ name, store }: RegionStore): RegionStore => ({ name, store: clock.watch(store) });
  const master = watched(given.master);
  const stores = { ...given, master, regions: [master] };
  const ids = systemIds();
  const ledgers = createLedgers(clock);
  const logger = createLogger({ level: 'warn', name: 'bench' });
  const work = createGdpr({
    log,
    ledgers,
    clock,
    ids,
    logger,
    metrics: createMetrics(),
    holder: 'bench',
    hardDeadlineMs: DUE_AFTER_MS,
  });
  const { signal } = new AbortController();
  const settle = async (requestIds: readonly string[], phase: string): Promise<void> => {
    await work.work(stores, signal);
    const { requests } = ledgers(stores).state;
    for (const id of requestIds) {
      const request = requests.get(id);
      if (request?.phase !== phase) throw new Error(`a request was to be ${phase}, and is ${request?.phase}`);
    }
  };
  return {
    mark: async (numbers) => {
      const requestId = ids.token();
      const at = new Date(clock.now()).toISOString();
      const consumers = numbers.map((phone) => ({ phone }));
      const request = { tenant: stores.tenant, requestId, operation: 'forgetme' as const, consumers, requestedAt: at };
      await work.take(stores, request, at);
      await settle([requestId], 'marked');
      return requestId;
    },
    erase: async (requestIds) => {
      clock.leap(DUE_AFTER_MS);
      await work.runRule(stores, signal);
      await settle(requestIds, 'erased');
    },
    runRule: async () => void (await work.runRule(stores, signal)),
  };
}
