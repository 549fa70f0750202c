import { describe, expect, it } from 'vitest';
import { maskMarked, maskText } from './mask.ts';

describe('the text guard', () => {
  it.each([
    '+15551212000',
    '+1 (555) 121-2000',
    '+1-555-121-2000',
    '+1.555.121.2000',
    '+44 20 7946 0958',
    '+4915112345678',
    '+123456789012345',
    '+1234567890123456789',
    '%2B15551212000',
    '(555) 121-2000',
    '(555)1212000',
    '(020) 7946 0958',
    '555-121-2000',
    '555.121.2000',
    '1-555-121-2000',
    '555 121 2000',
    '5551212000',
    '15551212000',
    '1212000',
    'sip:+15551212000@host.example.com;user=phone',
    'sip:5551212@10.0.0.1',
    'sips:alice@example.com',
    'sip%3A5551212000%40host',
    'tel:+1-555-121-2000',
    'tel:5551212;phone-context=+1',
    'SIP:5551212@host',
  ])('masks the number %s wherever it stands', (number) => {
    const settings = [
      '',
      `call from ${number} failed`,
      `"${number}"`,
      `caller=${number},`,
      `caller: ${number}.`,
      `<${number}>`,
    ];
    for (const text of settings.map((setting) => setting || number)) {
      const masked = maskText(text);
      expect(masked).toContain('[number]');
      expect(masked).not.toMatch(/\d{4}|alice|host/);
    }
  });

  it('masks a caller’s keyed hash in a key and in a path, and leaves the rest of both', () => {
    const hash = '5f2d1c0a9b8e7d6c5b4a39281706f5e4';
    const path = `ENOENT: no such file, open '/data/t100/index/caller_id/${hash}/8001/0c6a'`;
    expect(maskText(path)).toBe("ENOENT: no such file, open '/data/t100/index/caller_id/***/8001/0c6a'");
    expect(maskMarked(`t100/index/caller_id/${hash}`)).toBe('t100/index/caller_id/***');
  });

  it.each([
    ['get staging/t100/a call of 5551212.wav: the region is down', 'get staging/t100/***: the region is down'],
    [
      "ENOENT: no such file, open '/data/staging/t100/alice/2.wav'",
      "ENOENT: no such file, open '/data/staging/t100/***'",
    ],
    ['GET /bucket/staging%2Ft100%2Falice.wav', 'GET /bucket/staging%2Ft100%2F***'],
    ['staging/t100/alice', 'staging/t100/***'],
    ['the staging folder of t100', 'the staging folder of t100'],
  ])('masks the name of what was staged in: %s', (text, masked) => {
    expect([maskText(text), maskMarked(text)]).toEqual([masked, masked]);
  });

  it.each([
    '127.0.0.1',
    '203.0.113.77',
    '::1',
    '::ffff:203.0.113.77',
    '2001:db8::8a2e:370:7334',
    '2001:0DB8:85A3:0000:0000:8A2E:0370:7334',
    'fe80::1%eth0',
  ])('masks the address %s wherever it stands', (address) => {
    for (const text of [
      address,
      `connect ECONNREFUSED ${address}:6379`,
      `http://[${address}]:8081/`,
      `peer:${address}: gone.`,
    ]) {
      const masked = maskText(text);
      expect(masked).toContain('[address]');
      expect(masked).not.toMatch(/203|113|127|db8|370|::/i);
    }
  });

  it.each([
    'took 1500 ms at 20:42:16.123',
    '2026-11-23T20:42:16.123Z',
    '2026-11-23T20:42:16+02:00',
    'message 2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d of t100/9876',
    '/v1/mailboxes/98765432109/messages/20261123.1732390000000-7',
    'deposit-000001234567 stored',
    'file:///app/src/main.ts:1234:56',
    'ratio 0.123456789012',
    'sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    'node 26.10.0',
    'Received 12345678901234567890123456789012',
    'std::vector',
    'hotel: 5 stars',
  ])('leaves %s as it is', (text) => {
    expect(maskText(text)).toBe(text);
  });

  it('leaves bare digits to fields of identifiers, and still masks what is marked as a number there', () => {
    expect(maskMarked('5551212000')).toBe('5551212000');
    expect(maskMarked('1.2.3.4')).toBe('1.2.3.4');
    expect(maskMarked('t100/+15551212000')).toBe('t100/[number]');
    expect(maskMarked('sip:5551212000@h')).toBe('sip:[number]');
  });

  it('stays quick on long hostile text', () => {
    const started = performance.now();
    for (const part of ['+1', '(', '(1', ':', '1:', '1.', '555-', 'sip:', '%2b', ' ', 'a'])
      maskText(part.repeat(50_000));
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
