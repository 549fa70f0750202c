import { describe, expect, it } from 'vitest';
import { waitUntilFound } from './finding.ts';
import { TEXT, bytes, kindOf, textOf, type Harness } from './harness.ts';

const ODD = ['+15551212000', '+15551212000@host#1 100%', 'o\'brien \\ "x"', 'ü 日 😀', ' a b '];

/** Tags that change after the put, and objects found by them. */
export function tagCases({ store, prefix }: Harness): void {
  describe('the tags of an object', () => {
    it.each(['touch-first', 'tags-first'] as const)('are replaced whole, its bytes stay (%s)', async (order) => {
      const key = `${prefix()}media.wav`;
      const options = { contentType: 'audio/wav', tags: { a: '1', b: '2' } };
      for (const size of [5, 200_000]) {
        await store().put(key, Buffer.alloc(size, 7), options);
        const before = await store().head(key);
        const tagged = await store().tag(key, { b: '3', forgetme: 'true' }, { order });
        expect(tagged).toMatchObject({ size, contentType: 'audio/wav', tags: { b: '3', forgetme: 'true' } });
        const after = await store().head(key);
        expect(after).toMatchObject({ ...tagged });
        expect(after?.lastModified).toBeGreaterThanOrEqual(before?.lastModified ?? Number.NaN);
        expect(await textOf(store(), key)).toBe(Buffer.alloc(size, 7).toString());
      }
    });

    it('can all be taken away', async () => {
      const key = `${prefix()}media.wav`;
      await store().put(key, bytes('x'), { ...TEXT, tags: { a: '1' } });
      await store().tag(key, {}, { order: 'tags-first' });
      expect((await store().head(key))?.tags).toEqual({});
    });

    it('are nobody’s where there is no object', async () => {
      const under = prefix();
      expect(await store().tag(`${under}none`, { a: '1' }, { order: 'touch-first' })).toBeNull();
      expect(await store().head(`${under}none`)).toBeNull();
      expect(await kindOf(store().tag('../none', {}, { order: 'touch-first' }))).toBe('invalid-key');
    });
  });

  describe('a search by tag', () => {
    it('finds what carries exactly that value below the prefix', async (context) => {
      if (!store().capabilities.tagSearch) context.skip('the store does not search by tag');
      const under = prefix();
      for (const [index, value] of ODD.entries()) {
        await store().put(`${under}a/${index}`, bytes('x'), { ...TEXT, tags: { caller_id: value, other: 'y' } });
        await store().put(`${under}b/${index}`, bytes('x'), { ...TEXT, tags: { caller_id: value } });
      }
      await store().put(`${under}a/none`, bytes('x'), TEXT);
      for (const [index, value] of ODD.entries()) {
        const tag = { name: 'caller_id', value };
        expect(await waitUntilFound(store(), `${under}a/`, tag, 1)).toEqual([`${under}a/${index}`]);
        expect(await waitUntilFound(store(), under, tag, 2)).toEqual([`${under}a/${index}`, `${under}b/${index}`]);
      }
      const nobody = { name: 'caller_id', value: 'nobody' };
      expect(await Array.fromAsync(store().find(under, nobody))).toEqual([]);
    });

    it('finds by the tags that are there now', async (context) => {
      if (!store().capabilities.tagSearch) context.skip('the store does not search by tag');
      const under = prefix();
      await store().put(`${under}a`, bytes('x'), { ...TEXT, tags: { forgetme: `one ${under}` } });
      await store().tag(`${under}a`, { forgetme: `two ${under}` }, { order: 'touch-first' });
      expect(await waitUntilFound(store(), under, { name: 'forgetme', value: `two ${under}` }, 1)).toEqual([
        `${under}a`,
      ]);
      expect(await waitUntilFound(store(), under, { name: 'forgetme', value: `one ${under}` }, 0)).toEqual([]);
      await store().delete(`${under}a`);
      expect(await waitUntilFound(store(), under, { name: 'forgetme', value: `two ${under}` }, 0)).toEqual([]);
    });

    it('is refused by a store that cannot', async (context) => {
      if (store().capabilities.tagSearch) context.skip('the store searches by tag');
      expect(await kindOf(Array.fromAsync(store().find('', { name: 'a', value: 'b' })))).toBe('unsupported');
    });
  });

  describe('a purge', () => {
    it('leaves the present object as it is, and nothing else that could be read', async () => {
      const key = `${prefix()}metadata.json`;
      await store().put(key, bytes('first'), { ...TEXT, tags: { caller_id: 'a' } });
      const second = await store().put(key, bytes('second'), TEXT);
      const { left } = await store().purge(key);
      expect(left).toEqual([]);
      expect(await store().head(key)).toMatchObject(second);
      expect(await textOf(store(), key)).toBe('second');
      expect(await store().purge(key)).toEqual({ erased: 0, left: [] });
    });

    it('of what was deleted does not bring it back', async () => {
      const key = `${prefix()}gone`;
      await store().put(key, bytes('first'), TEXT);
      await store().delete(key);
      await store().purge(key);
      expect(await store().head(key)).toBeNull();
      await store().put(key, bytes('again'), { ...TEXT, condition: { absent: true } });
      expect(await textOf(store(), key)).toBe('again');
    });

    it('of nothing is nothing, and takes nothing of a neighbour', async () => {
      const under = prefix();
      await store().put(`${under}a-longer`, bytes('x'), TEXT);
      expect(await store().purge(`${under}a`)).toEqual({ erased: 0, left: [] });
      expect(await textOf(store(), `${under}a-longer`)).toBe('x');
    });
  });

  it('says how it is set up', async () => {
    for (const { state, detail } of await store().settings()) {
      expect(['fine', 'wrong', 'unknown']).toContain(state);
      expect(detail).not.toBe('');
    }
  });
}
