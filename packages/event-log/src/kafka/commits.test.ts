import { manualClock } from '@voicemail/runtime';
import { describe, expect, it } from 'vitest';
import { Assignment } from './assignment.ts';
import { Commits } from './commits.ts';
import { COMMIT_PAUSE_MS, COMMIT_RETRY_MS } from './consumer-limits.ts';

function world(commitOffsets: (call: number) => Promise<void>) {
  const clock = manualClock(0);
  const seen = { calls: 0, underWay: 0, most: 0, failures: 0 };
  const assignment = new Assignment({
    assignment: { a: [0] },
    heartbeat: async () => {},
    commitOffsets: async () => {
      seen.calls += 1;
      seen.underWay += 1;
      seen.most = Math.max(seen.most, seen.underWay);
      try {
        await commitOffsets(seen.calls);
      } finally {
        seen.underWay -= 1;
      }
    },
  });
  const commits = new Commits(assignment, clock, () => (seen.failures += 1));
  const done = (offset: number): void => {
    assignment.lane('a', 0)?.passTo(offset);
    commits.note();
  };
  return { clock, seen, assignment, commits, done };
}

describe('commits', () => {
  it('come with a pause between two, however much is done', async () => {
    const { clock, seen, done } = world(async () => {});
    for (let offset = 1; offset <= 50; offset += 1) done(offset);
    await clock.advance(COMMIT_PAUSE_MS - 1);
    expect(seen.calls).toBe(0);
    await clock.advance(1);
    expect(seen.calls).toBe(1);
    done(51);
    await clock.advance(COMMIT_PAUSE_MS);
    expect(seen.calls).toBe(2);
  });

  it('come at once where somebody waits, one at a time, with all that is done', async () => {
    const first = Promise.withResolvers<void>();
    const { clock, seen, commits, done } = world((call) => (call === 1 ? first.promise : Promise.resolve()));
    done(1);
    const one = commits.flush();
    done(2);
    const others = [commits.flush(), commits.flush()];
    await clock.advance(0);
    expect(seen).toMatchObject({ calls: 1, most: 1 });
    first.resolve();
    await Promise.all([one, ...others]);
    expect(seen).toMatchObject({ calls: 2, most: 1 });
  });

  it('are tried again after a failure, and not once the partitions are let go', async () => {
    const { clock, seen, assignment, done } = world(() => Promise.reject(new Error('no coordinator')));
    done(1);
    await clock.advance(COMMIT_PAUSE_MS);
    expect(seen).toMatchObject({ calls: 1, failures: 1 });
    await clock.advance(COMMIT_RETRY_MS);
    expect(seen).toMatchObject({ calls: 2, failures: 2 });
    assignment.release(new Error('rebalance'));
    await clock.advance(10 * COMMIT_RETRY_MS);
    expect(seen.calls).toBe(2);
  });
});
