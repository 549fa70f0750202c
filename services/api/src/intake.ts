import { MAX_INTAKE_BYTES } from './limits.ts';
import { unavailable } from './problem.ts';

/** Counts the bodies that are in memory, so that many large ones at once do not end the process. */
export interface Intake {
  /**
   * A body begins to arrive. What has not arrived yet takes no room, so that a slow or silent sender keeps nobody out.
   * @param declaredBytes what its call says of its length, 0 where it does not.
   * @throws HttpProblem 503 where there is no room for that now.
   */
  begin(declaredBytes: number): Arrival;
}

export interface Arrival {
  /** More of the body is in memory. @throws HttpProblem 503 where there is no room for it. */
  add(bytes: number): void;
  /** The body is gone. */
  end(): void;
}

export function createIntake(): Intake {
  let used = 0;
  const assureRoom = (bytes: number): void => {
    if (used + bytes > MAX_INTAKE_BYTES) throw unavailable('Too many large bodies at once. Try again.');
  };
  return {
    begin: (declaredBytes) => {
      assureRoom(declaredBytes);
      let arrived = 0;
      return {
        add: (bytes) => {
          assureRoom(bytes);
          arrived += bytes;
          used += bytes;
        },
        end: () => {
          used -= arrived;
          arrived = 0;
        },
      };
    },
  };
}
