import type { Fault } from './fault.ts';
import { networkFaults } from './network-faults.ts';
import { isSelected, type SeenRequest, type Selection } from './request-log.ts';

/** Which of the requests meet the fault: the first one unless told. */
export interface Occasion extends Selection {
  /** The first that meets it, of those that are meant, from now on: 1 unless told. */
  readonly nth?: number;
  /** How many meet it, from that one on: 1 unless told. */
  readonly times?: number;
}

export interface Injected {
  /** How many requests have met it. */
  readonly hits: number;
  /** From now on none meets it. */
  remove(): void;
}

/** A fault and its occasion. */
export class Rule implements Injected {
  readonly fault: Fault;
  readonly #occasion: Occasion;
  #seen = 0;
  #hits = 0;
  #removed = false;

  constructor(occasion: Occasion, fault: Fault) {
    this.#occasion = occasion;
    this.fault = fault;
  }

  get hits(): number {
    return this.#hits;
  }

  remove(): void {
    this.#removed = true;
  }

  /** Counts the request where it is meant, and tells whether its turn has come. */
  meets(request: SeenRequest): boolean {
    const { nth = 1, times = 1 } = this.#occasion;
    if (this.#removed || !isSelected(this.#occasion, request)) return false;
    this.#seen += 1;
    return this.#seen >= nth && this.#seen < nth + times;
  }

  hit(): void {
    this.#hits += 1;
  }
}

/** What becomes of a request. Every rule counts every request that it means, so that `nth` does not depend on the others. */
export function faultFor(rules: readonly Rule[], request: SeenRequest): Fault {
  const [first] = rules.filter((rule) => rule.meets(request));
  first?.hit();
  return first?.fault ?? networkFaults.none();
}
