import { describe, expect, it } from 'vitest';
import { forwardedMessage } from './action.ts';
import { applyMark, applyUnmark, isMarked } from './forget-mark.ts';
import { stubOf, type Metadata } from './message.ts';

const deposited: Metadata = {
  tenant: 't100',
  mailbox: '9876',
  messageId: 'm1',
  callerId: '+15551212000',
  state: 'new',
  priority: 'normal',
  private: false,
  durationMs: 1_000,
  depositedAt: '2026-03-02T10:00:00.000Z',
  time: '2026-03-02T10:00:00.000Z',
  region: 'westus2',
  media: { key: 'k', contentType: 'audio/wav', size: 1, sha256: 'aa' },
  revision: 1,
  modifiedAt: '2026-03-02T10:00:00.000Z',
};
const monday = '2026-03-09T09:59:00.000Z';
const tuesday = '2026-03-10T10:00:00.000Z';

/** The message after a change that must be one. */
function after(change: Metadata | null): Metadata {
  if (change === null) throw new Error('nothing changed');
  return change;
}
const marked = after(applyMark(deposited, 'one', monday));
const twice = after(applyMark(marked, 'two', tuesday));

describe('a mark', () => {
  it('says when and for which request, and is a change of the message', () => {
    expect(marked).toEqual({
      ...deposited,
      forgetMarkedAt: monday,
      forgetRequestIds: ['one'],
      revision: 2,
      modifiedAt: monday,
    });
    expect([isMarked(deposited), isMarked(marked)]).toEqual([false, true]);
  });

  it('of the same request changes nothing', () => {
    expect(applyMark(marked, 'one', tuesday)).toBeNull();
    expect(applyMark(twice, 'one', tuesday)).toBeNull();
  });

  it('of another request adds its id and puts the deletion off no further', () => {
    expect(twice).toEqual({ ...marked, forgetRequestIds: ['one', 'two'] });
  });

  it('goes with a forward, and is none of a stub', () => {
    const target = { mailbox: '42', messageId: 'm2', mediaKey: 'k2' };
    expect(forwardedMessage(twice, target, tuesday)).toMatchObject({
      forgetMarkedAt: monday,
      forgetRequestIds: ['one', 'two'],
    });
    expect(isMarked(stubOf(marked, 'user', tuesday))).toBe(false);
  });
});

describe('taking a mark back', () => {
  it('of one request of two leaves the other’s as it was', () => {
    expect(applyUnmark(twice, 'one', tuesday)).toEqual({ ...marked, forgetRequestIds: ['two'] });
  });

  it('of the last request leaves no mark, and is a change of the message', () => {
    expect(applyUnmark(marked, 'one', tuesday)).toEqual({ ...deposited, revision: 3, modifiedAt: tuesday });
  });

  it('that was never there, or was taken back, changes nothing', () => {
    expect(applyUnmark(deposited, 'one', tuesday)).toBeNull();
    expect(applyUnmark(marked, 'two', tuesday)).toBeNull();
    expect(applyUnmark(after(applyUnmark(marked, 'one', tuesday)), 'one', tuesday)).toBeNull();
  });
});
