import { around } from '@voicemail/object-store';
import { isLongForm } from '@voicemail/testing';
import type { World } from '../test-world.ts';
import type { TenantStores } from '../tenant-stores.ts';
import type { StoreKind } from './store-kinds.ts';

/** A process in a test that sleeps before one of its calls, while others do something. */
export interface Interrupted {
  readonly stores: TenantStores;
  /** Whether it came to that call. */
  readonly happened: () => boolean;
}

/** @param nth before which call of the stores, of all that the process makes, it sleeps; from 1. */
export function interruptedAt(world: World, nth: number, meanwhile: () => Promise<unknown>): Interrupted {
  let calls = 0;
  const mayInterrupt = async (): Promise<void> => {
    calls += 1;
    if (calls === nth) await meanwhile();
  };
  const stores = world.behind((store) =>
    around(store, {
      call: async (_operation, _key, run) => {
        await mayInterrupt();
        return run();
      },
      items: async function* (_operation, _prefix, run) {
        await mayInterrupt();
        // What it has been told of a listing is as old as the page: it goes through it after it slept.
        for await (const item of run()) {
          yield item;
          await mayInterrupt();
        }
      },
    }),
  );
  return { stores, happened: () => calls >= nth };
}

/** On a server each run takes its time: the short form is one call of so many, `npx pnpm test:long` is every one. */
const CALLS_OF_THE_SHORT_FORM = 4;

/**
 * Runs a process once for each call that it makes, in a world of its own each time, asleep before that call; on a server, before every
 * fourth one, if it makes many.
 * @param run makes the world, the process and what happens meanwhile, and looks at the end. @returns the last call that was come to.
 */
export async function atEveryCall(
  kind: StoreKind,
  run: (nth: number) => Promise<Interrupted>,
  { makes }: { readonly makes: 'many' | 'few' } = { makes: 'many' },
): Promise<number> {
  const step = kind === 'volume' || makes === 'few' || isLongForm() ? 1 : CALLS_OF_THE_SHORT_FORM;
  for (let nth = 1; ; nth += step) if (!(await run(nth)).happened()) return nth - step;
}
