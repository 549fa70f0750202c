import { StoreError, type ObjectStore } from '@voicemail/object-store';
import { expect, it } from 'vitest';
import { putAnew } from './put-anew.ts';
import { openWorld } from './test-world.ts';

it('a put that is refused leaves nothing open of what it was to put', async () => {
  const world = await openWorld();
  try {
    const { store } = world.stores.master;
    const refusing: ObjectStore = {
      ...store,
      put: async (key) => {
        throw new StoreError('full', 'put', key, 'no room is left');
      },
    };
    let isEnded = false;
    const body: AsyncIterableIterator<Uint8Array> = {
      [Symbol.asyncIterator]: () => body,
      next: async () => ({ done: true, value: undefined }),
      return: async () => {
        isEnded = true;
        return { done: true, value: undefined };
      },
    };
    const object = { contentType: 'audio/wav', tags: {}, open: async () => body };
    await expect(putAnew(refusing, 't100/media.wav', object, null)).rejects.toMatchObject({ kind: 'full' });
    expect(isEnded).toBe(true);
  } finally {
    await world.remove();
  }
});
