import { LogError } from '../log-error.ts';
import type { EventLog, Holding, NewRecord, Position } from '../port.ts';

/** A subscriber's holding of its topics. One process has the file, so a topic is the subscriber's until it has let go, and nobody's before. */
export class SqliteHolding implements Holding {
  readonly #append: EventLog['append'];
  readonly #underWay = new Set<Promise<unknown>>();
  #isOver = false;

  constructor(append: EventLog['append']) {
    this.#append = append;
  }

  async append(records: readonly NewRecord[]): Promise<readonly Position[]> {
    if (this.#isOver) throw new LogError('fenced', 'the subscription has let go; its records are for the next one');
    const appended = this.#append(records);
    this.#underWay.add(appended);
    try {
      return await appended;
    } finally {
      this.#underWay.delete(appended);
    }
  }

  /** Refuses what comes from now on. Resolves when what came before is in the log, or is not and was refused. */
  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.allSettled(this.#underWay);
  }
}
