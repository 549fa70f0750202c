import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { recording, RECORDING_KINDS, tempFolder } from '@voicemail/testing';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../cli-error.ts';
import { MAX_RECORDING_BYTES, readRecording } from './recording-file.ts';

async function file(bytes: Uint8Array | string): Promise<string> {
  const path = join(await tempFolder(), 'hello.bin');
  await writeFile(path, bytes);
  return path;
}

describe('the file of a deposit', () => {
  it.each(RECORDING_KINDS)('tells by its bytes that it is %s, whatever its name ends in', async (kind) => {
    const { bytes, contentType } = await recording(kind, 1);
    const read = await readRecording(await file(bytes), undefined);
    expect(read.contentType.split(';')[0]).toBe(contentType);
    expect(Buffer.from(read.bytes).equals(bytes)).toBe(true);
  });

  it('is what it is said to be', async () => {
    const read = await readRecording(await file('raw samples'), 'audio/basic');
    expect(read.contentType).toBe('audio/basic');
  });

  it('is refused when it is no recording', async () => {
    await expect(readRecording(await file('just words'), undefined)).rejects.toThrow(/--content-type/);
    const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
    await expect(readRecording(await file(png), undefined)).rejects.toThrow(/image\/png/);
  });

  it('is refused when it is empty, too large, a folder or not there', async () => {
    const large = await file('');
    await expect(readRecording(large, 'audio/wav')).rejects.toThrow('is empty');
    await truncate(large, MAX_RECORDING_BYTES + 1);
    await expect(readRecording(large, 'audio/wav')).rejects.toThrow('at most');
    await expect(readRecording(await tempFolder(), 'audio/wav')).rejects.toThrow('is a folder');
    await expect(readRecording('/nowhere/hello.wav', undefined)).rejects.toBeInstanceOf(UsageError);
  });
});
