import { createApi } from '@voicemail/api';
import { createHealth, systemClock, version } from '@voicemail/runtime';
import { openParts } from '../stored/parts.ts';

/**
 * The API on the embedded log, with nobody who works on what it takes in: what of a server's speed is the intake's.
 * Called with a folder, a port and the token.
 */
const [folder = '', port = '0', token = ''] = process.argv.slice(2);
const CHECK_TIMEOUT_MS = 3_000;
const clock = systemClock();
const parts = await openParts(folder, clock);
const health = createHealth({ clock, checkTimeoutMs: CHECK_TIMEOUT_MS });
const api = await createApi({ ...parts, health, token, version: version() });
await api.listen({ host: '127.0.0.1', port: Number(port) });
process.on('SIGTERM', () => {
  void api.close().then(() => parts[Symbol.asyncDispose]());
});
