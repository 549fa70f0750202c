import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

const startedMs = performance.now();
// Recordings and numbers are for this user and its group alone: pods that share a volume share the group.
process.umask(0o007);
// A call that hangs in a volume holds a thread until it comes back: more than there are deposits and recounts at once, so that other
// files and names of hosts are still within reach. Counts as long as nothing has used a thread yet.
process.env['UV_THREADPOOL_SIZE'] ??= '128';
// Modules are compiled once, not at each start. In the project's own folder: what lies in a shared one is not to be run.
enableCompileCache(fileURLToPath(new URL('../../../node_modules/.cache/voicemail', import.meta.url)));
const { main } = await import('./cli.ts');
process.exitCode = await main(process.argv.slice(2), process.env, {
  stdout: process.stdout,
  stderr: process.stderr,
  startedMs,
});
