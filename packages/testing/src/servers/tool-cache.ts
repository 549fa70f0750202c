import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where installed servers are kept: outside the checkout, so that a fresh clone or a cleaned one need not fetch them again. */
export function toolCache(env: NodeJS.ProcessEnv = process.env): string {
  const own = env['VOICEMAIL_CACHE_DIR'];
  if (own !== undefined && own !== '') return resolve(own);
  const caches = env['XDG_CACHE_HOME'];
  return join(caches !== undefined && caches !== '' ? resolve(caches) : join(homedir(), '.cache'), 'voicemail');
}
