import { createMp3Encoder, createOggEncoder } from 'wasm-media-encoders';
import wavefile from 'wavefile';

/** What the publishers of this field send: telephone-grade WAV, linear or mu-law, MP3 (LAME) and Ogg Vorbis (libvorbis). */
export const RECORDING_KINDS = ['wav-pcm', 'wav-mulaw', 'mp3', 'ogg'] as const;
export type RecordingKind = (typeof RECORDING_KINDS)[number];

export interface Recording {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  /** How long the tone is that was encoded; an encoder may add a frame of silence. */
  readonly durationMs: number;
}

const SAMPLES_PER_SECOND = 8_000;
const CONTENT_TYPES = {
  'wav-pcm': 'audio/wav',
  'wav-mulaw': 'audio/wav',
  mp3: 'audio/mpeg',
  ogg: 'audio/ogg',
} as const;

/**
 * A recording of a tone by a real encoder.
 * @param seed another one is another tone, and so other bytes.
 */
export async function recording(kind: RecordingKind, seconds: number, seed = 1): Promise<Recording> {
  const samples = tone(seconds, seed);
  const encode = { 'wav-pcm': pcm, 'wav-mulaw': muLaw, mp3, ogg }[kind];
  return {
    bytes: await encode(samples),
    contentType: CONTENT_TYPES[kind],
    durationMs: Math.round((samples.length / SAMPLES_PER_SECOND) * 1_000),
  };
}

/** Between -0.5 and 0.5; two sines, so that every seed of a 32-bit number has bytes of its own. */
function tone(seconds: number, seed: number): Float32Array {
  const lowHz = 200 + (seed % 997);
  const highHz = 1_200 + ((seed * 31 + Math.floor(seed / 997)) % 1_993);
  return Float32Array.from({ length: Math.round(seconds * SAMPLES_PER_SECOND) }, (_, index) => {
    const turns = (2 * Math.PI * index) / SAMPLES_PER_SECOND;
    return 0.3 * Math.sin(turns * lowHz) + 0.2 * Math.sin(turns * highHz + seed);
  });
}

function wav(samples: Float32Array): wavefile.WaveFile {
  const file = new wavefile.WaveFile();
  file.fromScratch(
    1,
    SAMPLES_PER_SECOND,
    '16',
    Int16Array.from(samples, (sample) => sample * 32_767),
  );
  return file;
}

function pcm(samples: Float32Array): Uint8Array {
  return wav(samples).toBuffer();
}

function muLaw(samples: Float32Array): Uint8Array {
  const file = wav(samples);
  file.toMuLaw();
  return file.toBuffer();
}

async function mp3(samples: Float32Array): Promise<Uint8Array> {
  const encoder = await createMp3Encoder();
  encoder.configure({ sampleRate: SAMPLES_PER_SECOND, channels: 1, bitrate: 24 });
  return encodeWhole(encoder, samples);
}

async function ogg(samples: Float32Array): Promise<Uint8Array> {
  const encoder = await createOggEncoder();
  encoder.configure({ sampleRate: SAMPLES_PER_SECOND, channels: 1, vbrQuality: 1, oggSerialNo: 1 });
  return encodeWhole(encoder, samples);
}

/** The encoder owns the bytes it gives until the next call, so each part is copied. */
function encodeWhole(
  encoder: { encode(channels: [Float32Array]): Uint8Array; finalize(): Uint8Array },
  samples: Float32Array,
): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < samples.length; at += SAMPLES_PER_SECOND) {
    parts.push(encoder.encode([samples.subarray(at, at + SAMPLES_PER_SECOND)]).slice());
  }
  parts.push(encoder.finalize().slice());
  return new Uint8Array(Buffer.concat(parts));
}
