import { homedir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { toolCache } from './tool-cache.ts';

describe('the cache of servers', () => {
  it('is where it is said to be, else where caches are', () => {
    expect(toolCache({ VOICEMAIL_CACHE_DIR: '/a/b', XDG_CACHE_HOME: '/c' })).toBe('/a/b');
    expect(toolCache({ VOICEMAIL_CACHE_DIR: '', XDG_CACHE_HOME: '/c' })).toBe('/c/voicemail');
    expect(toolCache({})).toBe(`${homedir()}/.cache/voicemail`);
  });
});
