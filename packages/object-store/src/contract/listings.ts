import { describe, expect, it } from 'vitest';
import { TEXT, bytes, keysOf, kindOf, type Harness } from './harness.ts';

/** Characters below and above the slash, so that the order of keys is not that of names folder by folder. */
const KEYS = ['a', 'a-b', 'a.b', 'aa/x', 'aa-/y', 'aa0/z', 'b/c/d', 'b/c-d', 'B', 'c/1/2/3/4'];
const ORDERED = ['B', 'a', 'a-b', 'a.b', 'aa-/y', 'aa/x', 'aa0/z', 'b/c-d', 'b/c/d', 'c/1/2/3/4'];

export function listingCases({ store, prefix }: Harness): void {
  const filled = async (): Promise<string> => {
    const under = prefix();
    await Promise.all(KEYS.map((key) => store().put(under + key, bytes(key), TEXT)));
    return under;
  };

  describe('a listing', () => {
    it('gives every object below the prefix in the order of the keys, with size and time', async () => {
      const under = await filled();
      const listed = await Array.fromAsync(store().list(under));
      expect(listed.map(({ key }) => key)).toEqual(ORDERED.map((key) => under + key));
      for (const { key, size, lastModified } of listed) {
        expect(await store().head(key)).toMatchObject({ size, lastModified });
      }
    });

    it('goes on after any key, there or not', async () => {
      const under = await filled();
      for (const [index, key] of ORDERED.entries()) {
        const rest = ORDERED.slice(index + 1).map((one) => under + one);
        expect(await keysOf(store().list(under, { after: under + key }))).toEqual(rest);
      }
      expect(await keysOf(store().list(under, { after: `${under}aa/` }))).toEqual(
        ORDERED.slice(ORDERED.indexOf('aa/x')).map((key) => under + key),
      );
      expect(await keysOf(store().list(under, { after: `${under}zz` }))).toEqual([]);
    });

    it('holds nothing of what is beside the prefix', async () => {
      const under = await filled();
      expect(await keysOf(store().list(`${under}aa/`))).toEqual([`${under}aa/x`]);
      expect(await keysOf(store().list(`${under}b/c/`))).toEqual([`${under}b/c/d`]);
      expect(await keysOf(store().list(`${under}none/`))).toEqual([]);
    });

    it('can be left in the middle', async () => {
      const under = await filled();
      for await (const { key } of store().list(under)) {
        expect(key).toBe(`${under}B`);
        break;
      }
    });

    it('refuses a prefix that does not end in a slash or leads elsewhere', async () => {
      for (const wrong of ['a', '../', 'a/../', '/', 'a//']) {
        expect(await kindOf(Array.fromAsync(store().list(wrong)))).toBe('invalid-key');
        expect(await kindOf(Array.fromAsync(store().folders(wrong)))).toBe('invalid-key');
      }
    });
  });

  describe('the folders of a prefix', () => {
    it('are those right below it that hold an object somewhere, in the order of their keys', async () => {
      const under = await filled();
      expect(await Array.fromAsync(store().folders(under))).toEqual(['aa-', 'aa', 'aa0', 'b', 'c']);
      expect(await Array.fromAsync(store().folders(`${under}c/`))).toEqual(['1']);
      expect(await Array.fromAsync(store().folders(`${under}aa/`))).toEqual([]);
      expect(await Array.fromAsync(store().folders(`${under}none/`))).toEqual([]);
    });

    it('go on after a name', async () => {
      const under = await filled();
      expect(await Array.fromAsync(store().folders(under, { after: 'aa-' }))).toEqual(['aa', 'aa0', 'b', 'c']);
      expect(await Array.fromAsync(store().folders(under, { after: 'aa' }))).toEqual(['aa0', 'b', 'c']);
      expect(await Array.fromAsync(store().folders(under, { after: 'c' }))).toEqual([]);
    });

    it('are found at the root of the store', async () => {
      await filled();
      expect(await Array.fromAsync(store().folders(''))).toContain('contract');
    });

    it('go with their last object', async () => {
      const under = await filled();
      await store().delete(`${under}aa/x`);
      await store().delete(`${under}c/1/2/3/4`);
      expect(await Array.fromAsync(store().folders(under))).toEqual(['aa-', 'aa0', 'b']);
    });
  });
}
