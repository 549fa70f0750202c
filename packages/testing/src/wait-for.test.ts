import { describe, expect, it } from 'vitest';
import { waitFor } from './wait-for.ts';

const quick = { limitMs: 30, everyMs: 1 };

describe('waiting for a condition', () => {
  it('gives what was seen as soon as it will do', async () => {
    let looks = 0;
    expect(
      await waitFor(
        'three looks',
        () => (looks += 1),
        (seen) => seen === 3,
        quick,
      ),
    ).toBe(3);
    expect(looks).toBe(3);
  });

  it('waits for anything that is true unless told what', async () => {
    const answers = [undefined, null, 0, '', 'here'];
    expect(await waitFor('an answer', () => Promise.resolve(answers.shift()), Boolean, quick)).toBe('here');
  });

  it('says what it waited for and what it last saw', async () => {
    const waiting = waitFor(
      'both are stored',
      () => ({ stored: 1 }),
      (seen) => seen.stored === 2,
      quick,
    );
    await expect(waiting).rejects.toThrow(/30 ms .*both are stored.*\{ stored: 1 \}/);
  });

  it('bears looks that fail, and tells the last failure', async () => {
    let looks = 0;
    const failing = (): number => {
      looks += 1;
      if (looks < 3) throw new Error(`refused ${looks}`);
      return looks;
    };
    expect(await waitFor('it answers', failing, Boolean, quick)).toBe(3);
    const never = waitFor('it answers', () => Promise.reject(new Error('connection refused')), Boolean, quick);
    await expect(never).rejects.toThrow('an error: connection refused');
  });
});
