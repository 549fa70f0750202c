import { describe, expect, it } from 'vitest';
import { callerHashes, InvalidCallerHashKey } from './caller-hash.ts';

const key = (byte: number): string => Buffer.alloc(32, byte).toString('base64');
const caller = '+15551212000';

describe('caller hashes', () => {
  it('are the same for the same caller, and others for another tenant, caller or key', () => {
    const hashes = callerHashes(key(1));
    expect(hashes.current('t100', caller)).toBe(callerHashes(key(1)).current('t100', caller));
    const others = [
      hashes.current('t101', caller),
      hashes.current('t100', '+15551212001'),
      callerHashes(key(2)).current('t100', caller),
    ];
    expect(new Set([hashes.current('t100', caller), ...others]).size).toBe(4);
  });

  it('are written under the current key and searched under previous ones too', () => {
    const both = callerHashes(`${key(1)}\n${key(2)}\n`);
    const [now, before] = [callerHashes(key(1)), callerHashes(key(2))].map((each) => each.current('t100', caller));
    expect(both.current('t100', caller)).toBe(now);
    expect(both.all('t100', caller)).toEqual([now, before]);
  });

  it('refuse a key file that holds no key or faulty ones, and name those', () => {
    expect(() => callerHashes('\n')).toThrow(InvalidCallerHashKey);
    expect(() => callerHashes(`${key(1)}\nshort\n${key(2)}\nAAAA`)).toThrow(/2, 4/);
  });
});
