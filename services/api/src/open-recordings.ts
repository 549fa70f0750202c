import type { Readable } from 'node:stream';
import { MAX_OPEN_RECORDINGS } from './limits.ts';
import { unavailable } from './problem.ts';

/** Counts the recordings that are listened to, so that many slow listeners at once leave a store's connections to others. */
export interface OpenRecordings {
  /**
   * @param begin opens the stream, which counts until it is closed.
   * @param count how many recordings it may have open at once; 1 unless told.
   * @throws HttpProblem 503 where too many are open.
   */
  listened(begin: () => Promise<Readable>, count?: number): Promise<Readable>;
}

export function openRecordings(): OpenRecordings {
  let open = 0;
  return {
    listened: async (begin, count = 1) => {
      if (open + count > MAX_OPEN_RECORDINGS) {
        throw unavailable('Too many recordings are listened to at once. Try again.');
      }
      open += count;
      const end = (): void => void (open -= count);
      try {
        return (await begin()).once('close', end);
      } catch (error) {
        end();
        throw error;
      }
    },
  };
}
