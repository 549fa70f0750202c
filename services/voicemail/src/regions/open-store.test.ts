import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { observed, type StoreError } from '@voicemail/object-store';
import { manualClock, systemIds } from '@voicemail/runtime';
import { tempFolder, waitFor } from '@voicemail/testing';
import { expect, it } from 'vitest';
import { LOOK_AGAIN_AFTER_MS } from '../limits.ts';
import { openStore } from './open-store.ts';

/** More than the threads that a process has for its files, unless it is told otherwise. */
const LOOKS = 10;

it('a volume that hangs holds a thread for one look at most, and its region fails in the metrics as long as it does', async () => {
  const clock = manualClock(Date.UTC(2026, 2, 2));
  const root = join(await tempFolder(), 'north');
  const counted: string[] = [];
  const { store } = await openStore({
    storage: { interface: 'FileSystem', root },
    region: 'north',
    seen: { read: async () => null, write: async () => undefined },
    clock,
    clockOffsetMs: 0,
    ids: systemIds(),
    observe: (attempts) =>
      observed(attempts, (operation, _ms, error) => counted.push(`${operation} ${error?.kind ?? 'done'}`), clock),
  });
  expect(await store.head('t100/object')).toBeNull();
  // A pipe that nobody writes to: whoever opens it waits in a thread, as in a mount whose server is gone.
  const identity = join(root, '.identity');
  await rm(identity);
  execFileSync('mkfifo', [identity]);
  try {
    await clock.advance(LOOK_AGAIN_AFTER_MS);
    let kind: string | null = null;
    const hangs = store.head('t100/object').catch((error: StoreError) => {
      kind = error.kind;
    });
    await waitFor('it is found out', async () => {
      await clock.advance(LOOK_AGAIN_AFTER_MS);
      return kind;
    });
    await hangs;
    expect(kind).toBe('unavailable');
    counted.length = 0;
    for (let look = 0; look < LOOKS; look += 1) {
      await clock.advance(LOOK_AGAIN_AFTER_MS);
      await expect(store.head('t100/object')).rejects.toMatchObject({ kind: 'unavailable' });
    }
    expect(counted).toEqual(Array.from({ length: LOOKS }, () => 'head unavailable'));
    // Other files are within reach: this needs a thread.
    expect((await stat(root)).isDirectory()).toBe(true);
  } finally {
    // Lets go of whoever waits, without a thread.
    closeSync(openSync(identity, constants.O_RDWR | constants.O_NONBLOCK));
  }
}, 20_000);
