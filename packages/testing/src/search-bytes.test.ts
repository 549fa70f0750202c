import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { searchBytes, searchText } from './search-bytes.ts';
import { tempFolder } from './temp-folder.ts';

const NEEDLE = '+15551212000';
const around = (bytes: Buffer): Buffer => Buffer.concat([Buffer.alloc(5_000, 1), bytes, Buffer.alloc(77, 2)]);
const swapped = Buffer.from(NEEDLE, 'utf16le').swap16();

describe('the search for a text in files', () => {
  it.each([
    ['UTF-8', Buffer.from(NEEDLE)],
    ['UTF-16', Buffer.from(NEEDLE, 'utf16le')],
    ['UTF-16, big end first', swapped],
    ['hexadecimal', Buffer.from(Buffer.from(NEEDLE).toString('hex'))],
    ['percent-encoded', Buffer.from(encodeURIComponent(NEEDLE))],
    ['base64', Buffer.from(Buffer.from(NEEDLE).toString('base64'))],
    ['base64 with one byte before', Buffer.from(Buffer.from(`x${NEEDLE}yz`).toString('base64'))],
    ['base64 with two bytes before', Buffer.from(Buffer.from(`xy${NEEDLE}z`).toString('base64'))],
    ['base64 in the middle', Buffer.from(Buffer.from(`{"callerId":"${NEEDLE}"}`).toString('base64'))],
    ['base64url', Buffer.from(Buffer.from(`??>${NEEDLE}??>`).toString('base64url'))],
  ])('finds it as %s', async (_, bytes) => {
    const folder = await tempFolder();
    await mkdir(join(folder, 'a/b'), { recursive: true });
    await writeFile(join(folder, 'a/b/log.sqlite'), around(bytes));
    await writeFile(join(folder, 'a/other'), around(Buffer.from('+15551212001')));
    const hits = await searchBytes([NEEDLE], [folder]);
    expect(hits.length).toBeGreaterThan(0);
    expect(new Set(hits.map((hit) => hit.file))).toEqual(new Set([join(folder, 'a/b/log.sqlite')]));
  });

  it('finds it in names of files and of folders', async () => {
    const folder = await tempFolder();
    await mkdir(join(folder, `of ${NEEDLE}`));
    await writeFile(join(folder, `${encodeURIComponent(NEEDLE)}.wav`), '');
    const hits = await searchBytes([NEEDLE], [folder]);
    expect(hits.map(({ form, at }) => `${form} ${at}`).toSorted()).toEqual(['percent-encoded name', 'utf-8 name']);
  });

  it('says nothing where nothing is, and takes a file in place of a folder', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'file'), 'quiet');
    expect(await searchBytes([NEEDLE, 'other needle'], [folder])).toEqual([]);
    expect(await searchBytes(['quiet'], [join(folder, 'file')])).toHaveLength(1);
  });

  it('fails where a folder is not there, and refuses a text that would be found by chance', async () => {
    await expect(searchBytes([NEEDLE], ['/nowhere/at/all'])).rejects.toThrow('ENOENT');
    await expect(searchBytes(['555'], [])).rejects.toThrow('too short');
  });

  it('searches a text the same way', () => {
    expect(searchText([NEEDLE], 'metric{caller="+15551212000"} 1')).toMatchObject([{ needle: NEEDLE, form: 'utf-8' }]);
    expect(searchText([NEEDLE], 'metric 1')).toEqual([]);
  });
});
