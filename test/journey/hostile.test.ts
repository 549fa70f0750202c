import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { listDeadLetters } from '@voicemail/message-store';
import { deposit, mailboxEvent, messageAction, structuredRecord } from '@voicemail/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { depositRecord } from '../support/events.ts';
import { lastLamps, openDeployment, triesOf } from '../support/in-process.ts';

const TRIES = triesOf(15);
/** What a deployment's folder holds, and nothing else ever. */
const OWN_NAMES = [
  'deployment',
  'log.sqlite',
  'log.sqlite-wal',
  'mwi.sqlite',
  'mwi.sqlite-wal',
  'regions',
  'tenants.json',
];

const hostile = fc.oneof(
  fc.constantFrom(
    '..',
    '.',
    '../../etc/passwd',
    '/etc/passwd',
    '..\\..\\x',
    '%2e%2e%2f',
    'a/b',
    'a\0b',
    '',
    '~',
    'con',
    '.~',
    '-',
  ),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.constantFrom(9, null, {}, ['../x'], true),
) as fc.Arbitrary<string>;

it('whatever stands where a name should, no file is made outside of the stores, and good events around it are stored', async () => {
  const bad = fc.oneof(
    fc.record({ mailbox: hostile, messageId: hostile, tenant: fc.oneof(fc.constant('t100'), hostile) }),
    fc.record({ mailbox: fc.constant('9876'), messageId: hostile, tenant: fc.constant('t100') }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(bad, { minLength: 1, maxLength: 6 }), async (names) => {
      const world = await openDeployment();
      try {
        const running = await world.run();
        const media = { contentType: 'audio/wav', bytes: Buffer.from('RIFF') };
        for (const name of names) {
          const records = [
            deposit({ ...name, media, durationMs: 1 }),
            messageAction({ ...name, action: 'delete' }),
            mailboxEvent({ ...name, kind: 'group' }),
          ];
          await running.log.append(
            records.map(structuredRecord).map((record) => ({ ...record, key: JSON.stringify(name.mailbox) })),
          );
        }
        await running.log.append([depositRecord('9876', 'good')]);
        await running.settle();
        expect(await lastLamps(running.log)).toMatchObject({ 't100/9876': { new: expect.any(Number) as number } });
        const stores = running.tenants.byId('t100')?.stores ?? null;
        for (const home of [stores, null]) {
          for await (const letter of listDeadLetters({ tenant: home, deployment: running.deployment })) {
            expect(letter.id).toMatch(/^voicemail\.[a-z-]+-0-\d+-[0-9a-f]{12}$/);
          }
        }
        await running.stop();
        expect((await readdir(world.folder)).filter((name) => !OWN_NAMES.includes(name))).toEqual([]);
        const tenantFolders = await readdir(join(world.folder, 'regions', 'westus2'));
        expect(tenantFolders.filter((name) => !name.startsWith('.') && name !== 't100')).toEqual([]);
      } finally {
        await world.remove();
      }
    }),
    TRIES,
  );
}, 180_000);
