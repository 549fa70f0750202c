import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryStore, type TemporaryStore } from '../testing.ts';
import { fileTree } from './file-tree.ts';

const TIMEOUT_MS = 120_000;
const COUNT_TIMES = 200;
const KILLS = 8;

let made: TemporaryStore;
const children: ChildProcess[] = [];

beforeEach(async () => {
  made = await temporaryStore();
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await made.dispose();
});

const COUNT = fileURLToPath(import.meta.resolve('./processes/count.ts'));
const DEPOSIT = fileURLToPath(import.meta.resolve('./processes/deposit.ts'));

function start(script: string, ...parameters: string[]): ChildProcess {
  const child = spawn(process.execPath, [script, made.root, ...parameters], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return child;
}

describe('several processes on one volume', () => {
  it('lose none of the updates that they compare and set', { timeout: TIMEOUT_MS }, async () => {
    await made.store.put('t100/counter', Buffer.from('0'), { contentType: 'text/plain' });
    const two = [0, 1].map(() => start(COUNT, 't100/counter', `${COUNT_TIMES}`));
    const exits = await Promise.all(two.map((child) => once(child, 'exit')));
    expect(exits.map(([code]: unknown[]) => code)).toEqual([0, 0]);
    expect(await readFile(join(made.root, 't100/counter'), 'utf8')).toBe(`${2 * COUNT_TIMES}`);
    const reader = await made.store.get('t100/counter');
    expect(Buffer.concat(await Array.fromAsync(reader?.body ?? [])).toString()).toBe(`${2 * COUNT_TIMES}`);
    // The window of superseded claims, the present one, and nothing else.
    const claims = (await fileTree(made.root)).filter((path) => path.startsWith('t100/.counter~/'));
    expect(claims.length).toBeLessThanOrEqual(17);
  });

  it('keep every object that was acknowledged, whole, when they are killed', { timeout: TIMEOUT_MS }, async () => {
    for (let kill = 0; kill < KILLS; kill++) {
      const child = start(DEPOSIT, `t100/${kill}/`);
      const acknowledged = new Map<string, { number: number; size: number }>();
      for await (const line of createInterface({ input: child.stdout ?? process.stdin })) {
        const { key, number, size } = JSON.parse(line) as { key: string; number: number; size: number };
        acknowledged.set(key, { number, size });
        if (acknowledged.size === 10 + 7 * kill) child.kill('SIGKILL');
      }
      const store = await made.reopen();
      for (const [key, { number, size }] of acknowledged) {
        const reader = await store.get(key);
        const found = Number(reader?.info.tags['number']);
        const body = Buffer.concat(await Array.fromAsync(reader?.body ?? []));
        // A later version may have been made, and its answer been lost with the process.
        expect(found).toBeGreaterThanOrEqual(number);
        expect(body.equals(Buffer.alloc(body.length, `${key}#${found}|`))).toBe(true);
        if (found === number) expect(body.length).toBe(size);
        expect((await readFile(join(made.root, key))).equals(body)).toBe(true);
      }
    }
    await made.store.sweep(new AbortController().signal, { temporariesOlderThanMs: 0 });
    expect((await fileTree(made.root)).filter((path) => path.startsWith('.tmp/'))).toEqual([]);
  });
});
