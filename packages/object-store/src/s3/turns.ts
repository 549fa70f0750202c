/** Whose turn it is at a key. */
export interface Turns {
  /** Runs beside other writes of the key, and not beside a removal. */
  write<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** Runs alone. */
  remove<T>(key: string, work: () => Promise<T>): Promise<T>;
}

/** What runs at a key, or waits there. */
interface Queue {
  readonly lastRemoval: Promise<void>;
  readonly everything: Promise<void>;
}

/**
 * S3 decides whether a condition holds and acts on it in one step. The Versity gateway does so for writes, but for a deletion it
 * looks first and removes afterwards, and what was written between is lost. So a deletion waits here for the writes of its key
 * that are under way, and they for it. That is for one process: where several write and delete the same keys, only a server
 * that decides in one step will do.
 */
export function turns(): Turns {
  const queues = new Map<string, Queue>();
  const none: Queue = { lastRemoval: Promise.resolve(), everything: Promise.resolve() };

  const run = <T>(key: string, isRemoval: boolean, work: () => Promise<T>): Promise<T> => {
    const before = queues.get(key) ?? none;
    const running = (isRemoval ? before.everything : before.lastRemoval).then(work);
    // A failure is told to whoever called, and is no reason to keep the next one waiting.
    const over = running.then(nothing, nothing);
    const everything = Promise.all([before.everything, over]).then(nothing);
    queues.set(key, { lastRemoval: isRemoval ? everything : before.lastRemoval, everything });
    void everything.then(() => {
      if (queues.get(key)?.everything === everything) queues.delete(key);
    });
    return running;
  };

  return {
    write: (key, work) => run(key, false, work),
    remove: (key, work) => run(key, true, work),
  };
}

const nothing = (): void => undefined;
