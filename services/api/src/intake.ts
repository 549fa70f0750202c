import { MAX_BODY_BYTES, MAX_INTAKE_BYTES } from './limits.ts';
import { unavailable } from './problem.ts';

/** Counts the bodies that are in memory, so that many large ones at once do not end the process. */
export interface Intake {
  /**
   * Makes room for a body; call what it returns when the body is gone.
   * @param contentLength of the call; undefined where it does not say: then as much as a body may have.
   * @throws HttpProblem 503 where there is no room now.
   */
  admit(contentLength: string | undefined): () => void;
}

export function createIntake(): Intake {
  let bytes = 0;
  return {
    admit: (contentLength) => {
      const size = Math.min(contentLength === undefined ? MAX_BODY_BYTES : Number(contentLength), MAX_BODY_BYTES);
      if (bytes + size > MAX_INTAKE_BYTES) throw unavailable('Too many large events at once. Try again.');
      bytes += size;
      let isIn = true;
      return () => {
        if (isIn) bytes -= size;
        isIn = false;
      };
    },
  };
}
