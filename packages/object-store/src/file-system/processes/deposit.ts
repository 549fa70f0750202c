/** A process that writes objects until it is killed, and says of each that it was acknowledged: `deposit.ts <root> <prefix>`. */
import { systemClock, systemIds } from '@voicemail/runtime';
import { openFileSystemStore } from '../file-system-store.ts';

const WRITERS = 8;
const LARGE_BYTES = 100_000;

const [root = '', prefix = ''] = process.argv.slice(2);
const store = await openFileSystemStore({ root, clock: systemClock(), ids: systemIds(), region: 'westus2' });

async function write(writer: number): Promise<never> {
  for (let number = 0; ; number++) {
    // Each key twice, so that deaths meet first versions and later ones.
    const key = `${prefix}${writer}/${number >> 1}/media.wav`;
    const body = Buffer.alloc(number % 3 === 0 ? LARGE_BYTES : 500, `${key}#${number}|`);
    await store.put(key, body, { contentType: 'audio/wav', tags: { number: `${number}` } });
    process.stdout.write(`${JSON.stringify({ key, number, size: body.length })}\n`);
  }
}

await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
