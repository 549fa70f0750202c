import { MAX_OPEN_RECORDINGS } from './limits.ts';
import { unavailable } from './problem.ts';

/** Counts the recordings that are listened to, so that many slow listeners at once leave a store's connections to others. */
export interface OpenRecordings {
  /** @returns what is called when the listener is gone. @throws HttpProblem 503 where too many listen. */
  begin(): () => void;
}

export function openRecordings(): OpenRecordings {
  let open = 0;
  return {
    begin: () => {
      if (open >= MAX_OPEN_RECORDINGS) throw unavailable('Too many recordings are listened to at once. Try again.');
      open += 1;
      let isOver = false;
      return () => {
        if (!isOver) open -= 1;
        isOver = true;
      };
    },
  };
}
