import { MAX_INTAKE_BYTES } from './limits.ts';
import { unavailable } from './problem.ts';

/** Counts the bodies that are in memory, so that many large ones at once do not end the process. */
export interface Intake {
  /**
   * Makes room for a body; call what it returns when the body is gone.
   * @throws HttpProblem 503 where there is no room now.
   */
  admit(bytes: number): () => void;
}

export function createIntake(): Intake {
  let used = 0;
  return {
    admit: (bytes) => {
      if (used + bytes > MAX_INTAKE_BYTES) throw unavailable('Too many large bodies at once. Try again.');
      used += bytes;
      let isIn = true;
      return () => {
        if (isIn) used -= bytes;
        isIn = false;
      };
    },
  };
}
