import { describe, expect, it } from 'vitest';
import { TEXT, bytes, keysOf, kindOf, readAll, textOf, type Harness } from './harness.ts';

const ODD_TAGS = {
  caller_id: '+15551212000@host#1 100% ü 📞',
  'odd name @ # % ü': '/\\"\'<>&=?;:,{}[]|^`~',
  empty: '',
};

/** What one writer alone sees. */
export function objectCases({ store, reopen, prefix }: Harness): void {
  describe('an object', () => {
    it('is read as it was put, with its type, tags, size and time', async () => {
      const key = `${prefix()}metadata.json`;
      const put = await store().put(key, bytes('{"a":1}'), { contentType: 'application/json', tags: { a: 'b' } });
      const reader = await store().get(key);
      expect(await readAll(reader)).toEqual(bytes('{"a":1}'));
      expect(reader?.info).toMatchObject(put);
      expect(await store().head(key)).toEqual(reader?.info);
      expect(put).toMatchObject({ key, size: 7, contentType: 'application/json', tags: { a: 'b' } });
      expect(put.etag).not.toBe('');
      expect(Number.isSafeInteger(reader?.info.lastModified)).toBe(true);
    });

    it('is null where there is none, and deleting it is false', async () => {
      const key = `${prefix()}none`;
      expect(await store().get(key)).toBeNull();
      expect(await store().head(key)).toBeNull();
      expect(await store().delete(key)).toBe(false);
    });

    it('is gone after it was deleted, from every listing too', async () => {
      const under = prefix();
      await store().put(`${under}a/b`, bytes('x'), TEXT);
      expect(await store().delete(`${under}a/b`)).toBe(true);
      expect(await store().delete(`${under}a/b`)).toBe(false);
      expect(await store().get(`${under}a/b`)).toBeNull();
      expect(await keysOf(store().list(under))).toEqual([]);
      expect(await Array.fromAsync(store().folders(under))).toEqual([]);
    });

    it('can be put again after it was deleted', async () => {
      const key = `${prefix()}again`;
      const first = await store().put(key, bytes('one'), { ...TEXT, tags: { old: 'tag' } });
      await store().delete(key);
      const second = await store().put(key, bytes('two'), { ...TEXT, condition: { absent: true } });
      expect(await textOf(store(), key)).toBe('two');
      expect(second.etag).not.toBe(first.etag);
      expect((await store().head(key))?.tags).toEqual({});
    });

    it('has a new etag with every write, also of the same bytes', async (context) => {
      if (store().capabilities.etagsOfContent === true) context.skip('an etag is a digest of the bytes here');
      const key = `${prefix()}same`;
      const etags = new Set<string>();
      for (let write = 0; write < 20; write++) etags.add((await store().put(key, bytes('same'), TEXT)).etag);
      expect(etags.size).toBe(20);
    });

    it('has a new etag with every write of the same bytes that names the one before', async () => {
      const key = `${prefix()}same`;
      for (const body of [bytes('same'), Buffer.alloc(300_000, 3)]) {
        let { etag } = await store().put(key, body, TEXT);
        for (let write = 0; write < 4; write++) {
          const put = await store().put(key, body, { ...TEXT, condition: { etag } });
          expect(put.etag).not.toBe(etag);
          expect((await store().head(key))?.etag).toBe(put.etag);
          ({ etag } = put);
        }
        const inPieces = (async function* () {
          yield body;
        })();
        expect((await store().put(key, inPieces, { ...TEXT, condition: { etag } })).etag).not.toBe(etag);
      }
    });

    it('is replaced whole: no tag and no type of the one before stays', async () => {
      const key = `${prefix()}whole`;
      await store().put(key, bytes('long before'), { contentType: 'audio/wav', tags: { a: '1', b: '2' } });
      await store().put(key, bytes('new'), { contentType: 'audio/mpeg', tags: { b: '3' } });
      expect(await store().head(key)).toMatchObject({ contentType: 'audio/mpeg', tags: { b: '3' }, size: 3 });
      expect(await textOf(store(), key)).toBe('new');
    });

    it('carries tags of any characters', async () => {
      const key = `${prefix()}tagged`;
      await store().put(key, bytes('x'), { ...TEXT, tags: ODD_TAGS });
      expect((await store().head(key))?.tags).toEqual(ODD_TAGS);
      expect((await store().get(key))?.info.tags).toEqual(ODD_TAGS);
    });

    it('is there for another process', async () => {
      const key = `${prefix()}kept`;
      const put = await store().put(key, bytes('kept'), { ...TEXT, tags: { a: 'b' } });
      const other = await reopen();
      expect(await other.head(key)).toMatchObject(put);
      expect(await textOf(other, key)).toBe('kept');
    });
  });

  describe('a copy', () => {
    it('has the bytes, the type and the tags of its source', async () => {
      const under = prefix();
      await store().put(`${under}from`, bytes('voice'), { contentType: 'audio/wav', tags: { a: 'b' } });
      const copy = await store().copy(`${under}from`, `${under}deep/to`);
      expect(copy).toMatchObject({ key: `${under}deep/to`, size: 5, contentType: 'audio/wav', tags: { a: 'b' } });
      expect(await store().head(`${under}deep/to`)).toMatchObject(copy);
      expect(await textOf(store(), `${under}deep/to`)).toBe('voice');
    });

    it('takes tags in place of its source’s', async () => {
      const under = prefix();
      await store().put(`${under}from`, bytes('voice'), { ...TEXT, tags: { a: 'b' } });
      expect((await store().copy(`${under}from`, `${under}to`, { tags: ODD_TAGS })).tags).toEqual(ODD_TAGS);
      expect((await store().head(`${under}to`))?.tags).toEqual(ODD_TAGS);
    });

    it('stays when its source is overwritten or deleted', async () => {
      const under = prefix();
      await store().put(`${under}from`, Buffer.alloc(200_000, 1), TEXT);
      await store().copy(`${under}from`, `${under}to`);
      await store().put(`${under}from`, bytes('other'), TEXT);
      await store().delete(`${under}from`);
      expect((await readAll(await store().get(`${under}to`))).equals(Buffer.alloc(200_000, 1))).toBe(true);
    });

    it('is refused where there is an object, and without a source', async () => {
      const under = prefix();
      await store().put(`${under}from`, bytes('a'), TEXT);
      await store().put(`${under}to`, bytes('b'), TEXT);
      expect(await kindOf(store().copy(`${under}from`, `${under}to`))).toBe('condition-failed');
      expect(await kindOf(store().copy(`${under}none`, `${under}new`))).toBe('not-found');
      expect(await textOf(store(), `${under}to`)).toBe('b');
    });
  });

  it('is ready when it is checked', async () => {
    await expect(store().check()).resolves.toBeUndefined();
  });
}
