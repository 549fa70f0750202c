import { setImmediate as nextTurn } from 'node:timers/promises';
import { around, type ObjectReader, type ObjectStore } from '@voicemail/object-store';

/**
 * Processes in a test that make their calls of the stores one at a time, in an order that the test chooses: every call is a point at which
 * any other process may come between.
 */
export interface Turns {
  /** Stores whose calls wait for their turn. */
  readonly layer: (store: ObjectStore) => ObjectStore;
  /** So many turns in which nothing is done. */
  readonly idle: (turns: number) => Promise<void>;
  /** Lets calls go on until all the processes are over. @param choose which of so many waiting calls is next. */
  readonly run: (processes: readonly Promise<unknown>[], choose: (waiting: number) => number) => Promise<void>;
}

/** Turns of the event loop within which whatever a call let go on has come to its next one. */
const SETTLE_TURNS = 3;

export function takeTurns(): Turns {
  const waiting: { readonly go: () => void; readonly over: Promise<void> }[] = [];

  const inTurn = async <T>(run: () => Promise<T>): Promise<T> => {
    const turn = Promise.withResolvers<void>();
    const over = Promise.withResolvers<void>();
    waiting.push({ go: turn.resolve, over: over.promise });
    await turn.promise;
    try {
      return await run();
    } finally {
      over.resolve();
    }
  };

  const layer = (store: ObjectStore): ObjectStore => ({
    ...around(store, {
      call: (_operation, _key, run) => inTurn(run),
      items: async function* (_operation, _prefix, run) {
        const items = run()[Symbol.asyncIterator]();
        for (;;) {
          const next = await inTurn(() => items.next());
          if (next.done === true) return;
          yield next.value;
        }
      },
    }),
    // The body comes within the turn: read later, it would be a call that nobody may come before.
    get: (key, options) => inTurn(async () => whole(await store.get(key, options))),
  });

  const idle = async (turns: number): Promise<void> => {
    for (let turn = 0; turn < turns; turn += 1) await inTurn(async () => undefined);
  };

  const run: Turns['run'] = async (processes, choose) => {
    let isOver = false;
    const all = Promise.allSettled(processes).then((outcomes) => {
      isOver = true;
      return outcomes;
    });
    for (;;) {
      for (let turn = 0; turn < SETTLE_TURNS; turn += 1) await nextTurn();
      const [next] = waiting.splice(waiting.length === 0 ? 0 : choose(waiting.length) % waiting.length, 1);
      if (next === undefined && isOver) break;
      next?.go();
      await next?.over;
    }
    for (const outcome of await all) if (outcome.status === 'rejected') throw outcome.reason;
  };
  return { layer, idle, run };
}

async function whole(reader: ObjectReader | null): Promise<ObjectReader | null> {
  if (reader === null) return null;
  const chunks = await Array.fromAsync(reader.body);
  return {
    info: reader.info,
    body: (async function* () {
      yield* chunks;
    })(),
  };
}
