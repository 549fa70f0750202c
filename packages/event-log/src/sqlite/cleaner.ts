import { setImmediate } from 'node:timers/promises';
import type { Clock } from '@voicemail/runtime';
import type { Cleanup } from '../port.ts';
import { ageBoundary } from './age.ts';
import { compact, needsCompaction, type CompactionState } from './compact.ts';
import type { GroupCommit } from './group-commit.ts';
import { FREED_PAGES_PER_TURN, KEPT_FREE_BYTES } from './limits.ts';
import type { LogFile } from './log-file.ts';
import type { TopicStore } from './topic-store.ts';
import { removeBefore } from './trim.ts';

export interface CleanerParts {
  readonly file: LogFile;
  readonly stores: readonly TopicStore[];
  readonly commit: GroupCommit;
  readonly clock: Clock;
  readonly tombstoneRetentionMs: number;
}

/**
 * Applies each topic's cleanup, and then makes sure that nothing of what went is left in the files: the pages of
 * dropped tables are zeroed, and the write-ahead log, where older images of them lie, is emptied.
 */
export class Cleaner {
  readonly #parts: CleanerParts;
  readonly #compactions = new Map<TopicStore, CompactionState>();

  constructor(parts: CleanerParts) {
    this.#parts = parts;
  }

  /** @returns how many records went. @throws LogError or what SQLite threw; what was done until then stays done. */
  async run(): Promise<number> {
    const { file, stores } = this.#parts;
    // First of all: on a full disk this may be what makes room for the rest.
    file.truncateWal();
    let removed = 0;
    for (const store of stores) removed += await this.#clean(store, store.settings.cleanup);
    file.truncateWal();
    await this.#giveBack();
    return removed;
  }

  async #clean(store: TopicStore, cleanup: Cleanup): Promise<number> {
    const { file, commit } = this.#parts;
    const nowMs = this.#parts.clock.now();
    if (cleanup.kind === 'compact') {
      const state = this.#compactions.get(store) ?? { cleanBefore: 0, tombstoneDueAtMs: null };
      this.#compactions.set(store, state);
      const floor = commit.leastCommitted(store) ?? store.nextOffset;
      const bounds = { floor, nowMs, tombstoneCutoffMs: nowMs - this.#parts.tombstoneRetentionMs };
      return needsCompaction(store, state, bounds) ? compact(file, store, state, bounds) : 0;
    }
    const tooOld = ageBoundary(store, nowMs - cleanup.retentionMs, nowMs);
    if (cleanup.kind === 'delete') return removeBefore(file, store, tooOld);
    const done = Math.min(...cleanup.groups.map((group) => commit.committed(group, store)));
    const old = ageBoundary(store, nowMs - cleanup.afterMs, nowMs);
    return removeBefore(file, store, Math.max(Math.min(done, old), tooOld));
  }

  /** Gives free pages back to the disk, but for some that the next records will need. */
  async #giveBack(): Promise<void> {
    const { file } = this.#parts;
    for (let free = file.freeBytes(); free > KEPT_FREE_BYTES;) {
      file.exec(`PRAGMA incremental_vacuum(${FREED_PAGES_PER_TURN})`);
      const left = file.freeBytes();
      if (left >= free) break;
      free = left;
      await setImmediate();
    }
    file.truncateWal();
  }
}
