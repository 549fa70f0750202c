import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const LIMIT_MS = 180_000;

/** Runs a program to its end. @returns the last line that it printed, of JSON. @throws Error with what it said, where it fails. */
export async function answerOf<T>([file = '', ...args]: readonly string[]): Promise<T> {
  const { stdout } = await promisify(execFile)(file, args, { timeout: LIMIT_MS });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as T;
}
