import type { GdprRequestData } from '@voicemail/contracts';
import { underLease, type TenantStores } from '@voicemail/message-store';
import { inTurn } from '@voicemail/runtime';
import type { GdprContext, GdprParts, Turn } from './context.ts';
import { nothingTold, type Told } from './news.ts';
import { previewRule, runRule, type RuleOutcome } from './run-rule.ts';
import type { Searches } from './search-again.ts';
import { takeRequest } from './take-request.ts';
import { tellUntold } from './tell.ts';
import { hasWork, workOn, type WorkOutcome } from './work.ts';

/** The work on GDPR requests, for every service of a process that has a part in it. */
export interface Gdpr {
  /** Takes a request in; durable when it resolves. May be repeated. @param takenAt RFC 3339. @throws StoreError. */
  take(stores: TenantStores, request: GdprRequestData, takenAt: string): Promise<void>;
  /** Works on a tenant's requests until nothing is left to do now, or something is in the way. @throws StoreError of the master region. */
  work(stores: TenantStores, signal: AbortSignal): Promise<WorkOutcome>;
  /**
   * Runs the deletion rule over a tenant now. @param asOfMs a moment before, ms since the epoch: only what was due then is deleted; now
   * unless told. @throws StoreError of the master region.
   */
  runRule(stores: TenantStores, signal: AbortSignal, asOfMs?: number): Promise<RuleOutcome>;
  /** Is told of each tenant that has work after a run of the rule in this process: erasures go on. */
  onWork(listener: (tenant: string) => void): void;
  /** What a run at a time would delete, ms since the epoch. Changes nothing. */
  previewRule(stores: TenantStores, atMs: number): Promise<RuleOutcome>;
}

export function createGdpr(parts: GdprParts): Gdpr {
  const { clock, ledgers, hardDeadlineMs } = parts;
  const told = new Map<string, Told>();
  const context: GdprContext = { ...parts, toldOf: (tenant) => told.getOrInsertComputed(tenant, nothingTold) };
  /** A lease is the process's: what its services do for one tenant goes one after the other. */
  const turns = inTurn();
  /** By tenant. */
  const searches = new Map<string, Searches>();
  const tried = new Map<string, Map<string, number>>();
  const searchesOf = ({ tenant }: TenantStores): Searches =>
    searches.getOrInsertComputed(tenant, () => new Map<string, number>());
  const inLease = <T>(stores: TenantStores, stop: AbortSignal, work: (turn: Turn) => Promise<T>): Promise<T> =>
    turns(stores.tenant, () =>
      underLease(stores, { ...context, signal: stop }, async (signal) => {
        const ledger = ledgers(stores);
        await ledger.refresh();
        // Another process may have had the lease meanwhile, and died before it told what it did.
        await tellUntold(context, { ledger, tenant: stores.tenant });
        const ownTried = tried.getOrInsertComputed(stores.tenant, () => new Map<string, number>());
        return work({ ...context, stores, ledger, tried: ownTried, signal });
      }),
    );
  const listeners: ((tenant: string) => void)[] = [];
  return {
    onWork: (listener) => void listeners.push(listener),
    take: (stores, request, takenAt) => takeRequest(context, stores, request, takenAt),
    work: async (stores, signal) => {
      const ledger = ledgers(stores);
      await ledger.refresh();
      const { upTo, isOwed } = context.toldOf(stores.tenant);
      const isTold = (upTo !== null && !isOwed) || ledger.state.requests.size === 0;
      return !isTold || hasWork({ ledger, stores, clock }, searchesOf(stores))
        ? inLease(stores, signal, (turn) => workOn(turn, searchesOf(stores)))
        : 'done';
    },
    runRule: async (stores, signal, asOfMs) => {
      const outcome = await inLease(stores, signal, (turn) =>
        runRule(turn, { nowMs: asOfMs ?? clock.now(), hardDeadlineMs }, searchesOf(stores)),
      );
      if (hasWork({ ledger: ledgers(stores), stores, clock }, searchesOf(stores))) {
        for (const listener of listeners) listener(stores.tenant);
      }
      return outcome;
    },
    previewRule: (stores, atMs) => previewRule(context, stores, { nowMs: atMs, hardDeadlineMs }),
  };
}
