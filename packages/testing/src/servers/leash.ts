import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

let holder: ((line: string) => void) | undefined;

/**
 * Has a process ended when this one dies, however it dies: a process of its own sees that its standard input closes. Gives a function
 * for when the process has ended by itself, since its number may then become another's.
 * @param folder what the process keeps, to be removed then; nothing unless told.
 */
export function onLeash(pid: number, folder = ''): () => void {
  holder ??= startHolder();
  const tell = holder;
  tell(`+${pid} ${folder}\n`);
  return () => tell(`-${pid}\n`);
}

function startHolder(): (line: string) => void {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./leash-holder.ts', import.meta.url))], {
    // A group of its own: what is sent to the whole group of a test run must not end it before it has done its work.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.unref();
  const { stdin } = child;
  if ('unref' in stdin && typeof stdin.unref === 'function') stdin.unref();
  stdin.on('error', () => undefined);
  return (line) => void stdin.write(line);
}
