import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import kafkajs, { type CompressionTypes as CompressionType } from 'kafkajs';
import { decompressFrame } from 'lz4-napi';
import { uncompress } from 'snappyjs';

// Node sees only some names of a CommonJS module; these are not among them.
const { CompressionCodecs, CompressionTypes } = kafkajs;

/** Ours are for reading: what we append is not compressed. */
interface Codec {
  decompress(buffer: Buffer): Promise<Buffer>;
}

/** Java's snappy wraps its blocks in a frame of its own: this, two versions of 4 bytes, then length and block, again and again. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = 16;

const CODECS: readonly (readonly [Exclude<CompressionType, CompressionType.None>, Codec])[] = [
  [
    CompressionTypes.Snappy,
    {
      decompress: async (buffer) => {
        if (!buffer.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return uncompress(buffer);
        return Buffer.concat([...xerialBlocks(buffer)].map((block) => uncompress(block)));
      },
    },
  ],
  [CompressionTypes.LZ4, { decompress: (buffer) => decompressFrame(buffer) }],
  [CompressionTypes.ZSTD, { decompress: (buffer) => promisify(zstdDecompress)(buffer) }],
];

/** Gives the client the codecs that it does not bring: what others publish may be compressed with any of them. */
export function registerCodecs(): void {
  for (const [type, codec] of CODECS) CompressionCodecs[type] = () => codec;
}

function* xerialBlocks(buffer: Buffer): Generator<Buffer> {
  for (let at = XERIAL_HEADER_BYTES; at + 4 <= buffer.length;) {
    const bytes = buffer.readUInt32BE(at);
    yield buffer.subarray(at + 4, at + 4 + bytes);
    at += 4 + bytes;
  }
}
