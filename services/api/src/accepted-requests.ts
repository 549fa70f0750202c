import type { GdprRequestData } from '@voicemail/contracts';
import { newRequest, type RequestState } from '@voicemail/domain';
import { takenOf } from '@voicemail/gdpr';
import type { TenantStores } from '@voicemail/message-store';
import type { Clock } from '@voicemail/runtime';
import { ACCEPTED_FOR_MS, MAX_ACCEPTED } from './limits.ts';

/** A request that is in the log, as the ledger will have it, and its numbers as they were sent. */
export interface AcceptedRequest {
  readonly state: RequestState;
  readonly numbers: readonly string[];
}

/**
 * GDPR requests that this process has put into the log and the ledger does not have yet: whoever asks for one at once finds it, and a key
 * is known to be taken. They bridge that time alone: they are forgotten when the ledger has them, after a while, and where there are many
 * the oldest go first.
 */
export class AcceptedRequests {
  readonly #clock: Clock;
  /** The oldest first. */
  readonly #kept = new Map<string, AcceptedRequest & { readonly sinceMs: number }>();
  #size = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A request is about to be put into the log. */
  add(stores: TenantStores, request: GdprRequestData): void {
    const at = new Date(this.#clock.now()).toISOString();
    const { entry, numbers } = takenOf(stores, request, { takenAt: at, at });
    const name = nameOf(stores.tenant, request.requestId);
    this.#drop(name);
    const one = { state: newRequest(entry), numbers, sinceMs: this.#clock.monotonicMs() };
    this.#kept.set(name, one);
    this.#size += sizeOf(one);
    this.#tidy();
  }

  /** It could not be put into the log, or the ledger has it. */
  remove(tenant: string, requestId: string): void {
    this.#drop(nameOf(tenant, requestId));
  }

  /** Of one that the ledger does not have. */
  find(tenant: string, requestId: string): AcceptedRequest | undefined {
    this.#tidy();
    return this.#kept.get(nameOf(tenant, requestId));
  }

  #tidy(): void {
    const untilMs = this.#clock.monotonicMs() - ACCEPTED_FOR_MS;
    for (const [name, { sinceMs }] of this.#kept) {
      if (sinceMs >= untilMs && this.#size <= MAX_ACCEPTED) return;
      this.#drop(name);
    }
  }

  #drop(name: string): void {
    const one = this.#kept.get(name);
    if (one === undefined) return;
    this.#kept.delete(name);
    this.#size -= sizeOf(one);
  }
}

const nameOf = (tenant: string, requestId: string): string => `${tenant}/${requestId}`;
/** A request with its numbers. */
const sizeOf = ({ numbers }: AcceptedRequest): number => 1 + numbers.length;
