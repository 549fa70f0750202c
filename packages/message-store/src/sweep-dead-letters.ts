import { readDeadLetterIn, regionsOf, removeDeadLetter, type DeadLetterHome } from './dead-letters.ts';
import { removeHalfLetter } from './half-letters.ts';
import { deadLettersPrefix } from './keys.ts';
import { passOver, type SweepOptions } from './sweep.ts';
import type { RegionStore } from './tenant-stores.ts';

/** Removes dead letters whose time is over, and halves of letters, in every region that is up. Returns how many. */
export async function sweepDeadLetters(home: DeadLetterHome, options: SweepOptions): Promise<number> {
  let removed = 0;
  const count = (): void => {
    removed += 1;
  };
  for (const region of regionsOf(home)) await passOver(options, {}, () => sweepRegion(home, region, options, count));
  return removed;
}

/** @param count is called for each letter that it removed. */
async function sweepRegion(
  home: DeadLetterHome,
  region: RegionStore,
  options: SweepOptions,
  count: () => void,
): Promise<void> {
  const name = home.tenant?.tenant ?? null;
  const sweepLetter = async (id: string): Promise<void> => {
    const document = await readDeadLetterIn(region.store, name, id);
    if (document === null) {
      const half = await removeHalfLetter(home, region, id, options.nowMs);
      half.notErased.forEach(options.onNotErased);
      if (half.removed) count();
    } else if (Date.parse(document.expiresAt) <= options.nowMs) {
      (await removeDeadLetter(home, document)).forEach(options.onNotErased);
      count();
    }
  };
  for await (const id of region.store.folders(deadLettersPrefix(name))) {
    await passOver(options, {}, () => sweepLetter(id));
  }
}
