/** A process that adds to one counter by compare-and-set: `count.ts <root> <key> <times>`. */
import { systemClock, systemIds } from '@voicemail/runtime';
import { StoreError } from '../../store-error.ts';
import { openFileSystemStore } from '../file-system-store.ts';

const [root = '', key = '', times = '0'] = process.argv.slice(2);
const store = await openFileSystemStore({ root, clock: systemClock(), ids: systemIds(), region: 'westus2' });

async function add(): Promise<boolean> {
  const reader = await store.get(key);
  if (reader === null) throw new Error('the counter is gone');
  const before = Number(Buffer.concat(await Array.fromAsync(reader.body)).toString());
  try {
    const condition = { etag: reader.info.etag };
    await store.put(key, Buffer.from(`${before + 1}`), { contentType: 'text/plain', condition });
    return true;
  } catch (error) {
    if (error instanceof StoreError && (error.kind === 'condition-failed' || error.kind === 'busy')) return false;
    throw error;
  }
}

for (let added = 0; added < Number(times);) if (await add()) added += 1;
