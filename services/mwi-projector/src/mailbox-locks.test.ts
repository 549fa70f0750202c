import { expect, test } from 'vitest';
import { mailboxLocks } from './mailbox-locks.ts';

const one = { tenant: 't100', mailbox: '1' };
const two = { tenant: 't100', mailbox: '2' };

test('work on one mailbox runs in the order in which it was asked for, other mailboxes beside it', async () => {
  const locks = mailboxLocks();
  const gate = Promise.withResolvers<void>();
  const order: string[] = [];
  const first = locks.hold(one, async () => {
    await gate.promise;
    order.push('first');
  });
  const second = locks.hold(one, async () => void order.push('second'));
  const third = locks.hold(one, async () => void order.push('third'));
  await locks.hold(two, async () => void order.push('other'));
  gate.resolve();
  await Promise.all([first, second, third]);
  expect(order).toEqual(['other', 'first', 'second', 'third']);
});

test('work that fails lets go', async () => {
  const locks = mailboxLocks();
  await expect(locks.hold(one, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(await locks.hold(one, async () => 'next')).toBe('next');
});

test('whoever only tries is told that somebody is at work, until that is over', async () => {
  const locks = mailboxLocks();
  const gate = Promise.withResolvers<void>();
  const held = locks.hold(one, () => gate.promise);
  expect(locks.tryHold(one, async () => 'mine')).toBeNull();
  gate.resolve();
  await held;
  expect(await locks.tryHold(one, async () => 'mine')).toBe('mine');
});
