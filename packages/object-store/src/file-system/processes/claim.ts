/** A process that puts objects only if there are none, and says which puts won: `claim.ts <root> <prefix> <keys> <name>`. */
import { systemClock, systemIds } from '@voicemail/runtime';
import { StoreError } from '../../store-error.ts';
import { openFileSystemStore } from '../file-system-store.ts';

const WRITERS = 10;

const [root = '', prefix = '', keys = '0', name = ''] = process.argv.slice(2);
const store = await openFileSystemStore({ root, clock: systemClock(), ids: systemIds(), region: 'westus2' });

async function claim(key: string, writer: number): Promise<void> {
  try {
    const body = `${name} ${writer}`;
    await store.put(key, Buffer.from(body), { contentType: 'text/plain', condition: { absent: true } });
    process.stdout.write(`${JSON.stringify({ key, body })}\n`);
  } catch (error) {
    if (!(error instanceof StoreError) || error.kind !== 'condition-failed') throw error;
  }
}

for (let key = 0; key < Number(keys); key += 1) {
  await Promise.all(Array.from({ length: WRITERS }, (_, writer) => claim(`${prefix}${key}`, writer)));
}
