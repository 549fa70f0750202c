import { DONE, type Place } from '../explore.ts';
import { cas, mark, place, put, suppresses, versionOf, type Rule, type Step, type World } from './world.ts';

/** The last steps of whoever brings a message: judged by a fresh list, marked or deleted. @param from its first step here. */
export function judged(world: World, { at, knows }: Place, of: 0 | 1, from: number, off: Rule | null): readonly Step[] {
  const [phase, entries = 0] = knows;
  const message = world.messages[of];
  const reload = place(from + 1, world.request, world.entries);
  if (at === from) {
    const isFresh = Number(entries) >= world.freshFrom || off === 'freshness-after-write';
    return isFresh
      ? [
          [world, place(from + 1, ...knows)],
          [world, reload],
        ]
      : [[world, reload]];
  }
  if (at === from + 1) {
    if (phase === 'in-force' && message.meta === 'live')
      return [[world, place(from + 2, phase, entries, versionOf(world, of))]];
    if (suppresses(phase)) return [[world, place(from + 3, phase ?? '', entries, versionOf(world, of))]];
    return [[world, place(DONE)]];
  }
  const version = Number(knows[2]);
  const again = place(from + 1, phase ?? '', entries);
  if (at === from + 2) return [mark(world, of, { at, knows }, version, { won: place(DONE), lost: again }, off)];
  if (at === from + 3) {
    if (message.meta === 'stub') return [[world, place(from + 4)]];
    return [cas(world, of, version, 'stub', place(from + 4), again)];
  }
  if (at === from + 4) return [[put(world, of, { media: false }), place(DONE)]];
  return [];
}
