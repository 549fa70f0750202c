import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyMailboxEvent, mailboxUsers, type MailboxDocument, type MailboxSettings } from './mailbox.ts';

const settings: MailboxSettings = { kind: 'personal', owner: 'agent1', status: 'active' };
const event = (time: string, id: string, to: MailboxSettings | null = settings) => ({
  tenant: 't100',
  mailbox: '9876',
  settings: to,
  order: { time, id },
});

describe('a mailbox event', () => {
  it('keeps an older event from reviving a removed mailbox', () => {
    const removed = applyMailboxEvent(null, event('2026-03-02T10:00:01Z', 'b', null));
    expect(removed?.settings).toBeNull();
    expect(applyMailboxEvent(removed, event('2026-03-02T10:00:00Z', 'c'))).toBeNull();
    expect(applyMailboxEvent(removed, event('2026-03-02T10:00:02Z', 'a'))).toMatchObject({ settings, revision: 2 });
  });

  it('changes nothing when it is repeated', () => {
    const stored = applyMailboxEvent(null, event('2026-03-02T10:00:01Z', 'b'));
    expect(applyMailboxEvent(stored, event('2026-03-02T10:00:01Z', 'b'))).toBeNull();
  });

  it('ends the same in whatever order several arrive', () => {
    const order = fc.tuple(fc.integer({ min: 0, max: 9 }), fc.constantFrom('a', 'b', 'c'));
    const events = fc
      .uniqueArray(order, { selector: String, minLength: 1, maxLength: 8 })
      .map((orders) =>
        orders.map(([second, id]) =>
          event(`2026-03-02T10:00:0${second}Z`, id, { ...settings, owner: `${second}${id}` }),
        ),
      );
    const settle = (all: readonly ReturnType<typeof event>[]): MailboxDocument | null =>
      all.reduce<MailboxDocument | null>((stored, next) => applyMailboxEvent(stored, next) ?? stored, null);
    fc.assert(
      fc.property(
        events.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        ([all, shuffled]) => {
          expect(settle(shuffled)?.settings).toEqual(settle(all)?.settings);
        },
      ),
    );
  });
});

describe('the users of a mailbox', () => {
  it('are its owner, or the members of a group, each once', () => {
    expect(mailboxUsers(settings)).toEqual(['agent1']);
    expect(mailboxUsers({ kind: 'personal', status: 'active' })).toEqual([]);
    expect(mailboxUsers({ kind: 'group', members: ['b', 'a', 'b'], owner: 'c', status: 'active' })).toEqual(['a', 'b']);
  });
});
