import { parseBuffer } from 'music-metadata';
import { describe, expect, it } from 'vitest';
import { recording, RECORDING_KINDS } from './recordings.ts';

const FORMATS = {
  'wav-pcm': { container: 'WAVE', codec: 'PCM', exactMs: 0 },
  'wav-mulaw': { container: 'WAVE', codec: 'MULAW', exactMs: 0 },
  mp3: { container: 'MPEG', codec: 'MPEG 2.5 Layer 3', exactMs: 250 },
  ogg: { container: 'Ogg', codec: 'Vorbis', exactMs: 20 },
};

describe.each(RECORDING_KINDS)('a recording as %s', (kind) => {
  it.each([1, 3.5])('of %d s is read back by a library of the field with that duration', async (seconds) => {
    const { bytes, contentType, durationMs } = await recording(kind, seconds);
    const { format } = await parseBuffer(bytes, { mimeType: contentType }, { duration: true });
    expect(durationMs).toBe(seconds * 1_000);
    expect(format.container).toContain(FORMATS[kind].container);
    expect(String(format.codec).toUpperCase()).toContain(FORMATS[kind].codec.toUpperCase());
    expect(format.sampleRate).toBe(8_000);
    expect(format.numberOfChannels).toBe(1);
    expect(Math.abs((format.duration ?? 0) * 1_000 - durationMs)).toBeLessThanOrEqual(FORMATS[kind].exactMs);
  });

  it('has the same bytes for the same seed and others for another', async () => {
    const of = async (seed: number): Promise<string> =>
      Buffer.from((await recording(kind, 0.5, seed)).bytes).toString('base64');
    const seeds = [1, 2, 998, 1_994, 4_000_000_000];
    const all = await Promise.all(seeds.map(of));
    expect(new Set(all).size).toBe(seeds.length);
    expect(await of(1)).toBe(all[0]);
  });
});
