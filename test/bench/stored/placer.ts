import type { NewObject } from '../bare/bare-store.ts';

/** Puts objects that were not there into a folder, without a store: quickly, and without a wait for the disk. */
export interface Placer<Lying> {
  /** @param at ms since the epoch. */
  place(object: NewObject, at: number): Lying;
  /** Puts the same bytes under another key, by links: many recordings then take the room of one. */
  placeAgain(key: string, lying: Lying): void;
}
