import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actionOrder, applyForward, applyStateAction, forwardedMessage, isLater } from './action.ts';
import type { Metadata } from './message.ts';

const deposited: Metadata = {
  tenant: 't100',
  mailbox: '9876',
  messageId: 'm1',
  callerId: '+15551212000',
  state: 'new',
  priority: 'urgent',
  private: false,
  durationMs: 1000,
  depositedAt: '2026-03-02T10:00:00.000Z',
  time: '2026-03-02T10:00:00.000Z',
  region: 'westus2',
  media: { key: 't100/mailboxes/9876/messages/m1/media.wav', contentType: 'audio/wav', size: 8, sha256: 'ab' },
  revision: 1,
  modifiedAt: '2026-03-02T10:00:01.000Z',
};
const now = '2026-03-02T11:00:00.000Z';

const someAction = fc.record({
  action: fc.constantFrom('read' as const, 'unread' as const),
  order: fc.record({
    at: fc.integer({ min: 0, max: 5 }).map((second) => `2026-03-02T10:00:0${second}.000Z`),
    id: fc.constantFrom('a', 'b', 'c', 'd'),
  }),
});

describe('a read or unread', () => {
  it('changes state, revision and last-modified time, and keeps the rest', () => {
    const order = { at: '2026-03-02T10:30:00.000Z', id: 'e1' };
    expect(applyStateAction(deposited, { action: 'read', order }, now)).toEqual({
      ...deposited,
      state: 'old',
      revision: 2,
      modifiedAt: now,
      lastAction: order,
    });
  });

  it('changes nothing when it is repeated or an earlier one', () => {
    const order = { at: '2026-03-02T10:30:00.000Z', id: 'e2' };
    const read = { ...deposited, lastAction: order };
    expect(applyStateAction(read, { action: 'read', order }, now)).toBeNull();
    expect(applyStateAction(read, { action: 'unread', order: { ...order, id: 'e1' } }, now)).toBeNull();
    expect(
      applyStateAction(read, { action: 'unread', order: { ...order, at: '2026-03-02T10:29:59.999Z' } }, now),
    ).toBeNull();
    expect(applyStateAction(read, { action: 'unread', order: { ...order, id: 'e3' } }, now)).not.toBeNull();
  });

  it('ends in the same state in whatever order several arrive', () => {
    const applyAll = (actions: readonly Parameters<typeof applyStateAction>[1][]): Metadata =>
      actions.reduce((message, action) => applyStateAction(message, action, now) ?? message, deposited);
    const distinct = fc.uniqueArray(someAction, { selector: ({ order }) => `${order.at} ${order.id}`, maxLength: 8 });
    fc.assert(
      fc.property(
        distinct.chain((actions) =>
          fc.tuple(fc.constant(actions), fc.shuffledSubarray(actions, { minLength: actions.length })),
        ),
        ([actions, shuffled]) => {
          const [a, b] = [applyAll(actions), applyAll(shuffled)];
          expect({ state: b.state, last: b.lastAction }).toEqual({ state: a.state, last: a.lastAction });
        },
      ),
    );
  });
});

describe('the order of actions', () => {
  it('takes a publisher whose clock is ahead at the time when the log took its record', () => {
    expect(actionOrder('2027-01-01T00:00:00Z', now, 'e1')).toEqual({ at: now, id: 'e1' });
    expect(actionOrder('2026-03-02T10:30:00+00:00', now, 'e1').at).toBe('2026-03-02T10:30:00.000Z');
  });

  it('is total: of two different ones exactly one is later', () => {
    fc.assert(
      fc.property(someAction, someAction, ({ order: a }, { order: b }) => {
        const isSame = a.at === b.at && a.id === b.id;
        expect(Number(isLater(a, b)) + Number(isLater(b, a))).toBe(isSame ? 0 : 1);
      }),
    );
  });
});

describe('a forward', () => {
  it('is counted once as a change of its source', () => {
    const forwarded = applyForward(deposited, 'e9', now);
    expect(forwarded).toMatchObject({ revision: 2, modifiedAt: now, state: 'new' });
    expect(applyForward(forwarded ?? deposited, 'e9', now)).toBeNull();
  });

  it('adds a new message with the same caller, time and mark, and no action of its own yet', () => {
    const source: Metadata = {
      ...deposited,
      state: 'old',
      revision: 5,
      lastAction: { at: now, id: 'e1' },
      lastForwardId: 'e9',
      forgetMarkedAt: now,
      forgetRequestIds: ['r1'],
    };
    const target = forwardedMessage(source, { mailbox: '42', messageId: 'fwd-1', mediaKey: 'k' }, now);
    expect(target).toEqual({
      ...deposited,
      mailbox: '42',
      messageId: 'fwd-1',
      media: { ...deposited.media, key: 'k' },
      modifiedAt: now,
      forgetMarkedAt: now,
      forgetRequestIds: ['r1'],
      forwardedFrom: { mailbox: '9876', messageId: 'm1' },
    });
  });
});
