import { countEntries } from '@voicemail/domain';
import type { NewRecord } from '@voicemail/event-log';
import { listMailboxes } from '@voicemail/message-store';
import { messageRecount } from '@voicemail/mwi-projector';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { actionRecord, depositRecord, mailboxRecord } from '../support/events.ts';
import { openDeployment, triesOf, type Running } from '../support/in-process.ts';

const TRIES = triesOf(20);
const PERSONAL = '1001';
const GROUP = '2001';

it('the counts equal a recount from the stores after any sequence of actions, across forwards to and from a group mailbox', async () => {
  const place = fc.constantFrom(PERSONAL, GROUP);
  const message = fc.constantFrom('a', 'b');
  const step = fc.oneof(
    fc.record({ kind: fc.constant('deposit' as const), place, message, urgent: fc.boolean() }),
    fc.record({ kind: fc.constantFrom('read' as const, 'unread' as const, 'delete' as const), place, message }),
    fc.record({ kind: fc.constant('forward' as const), place, message, to: place }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
      const deployment = await openDeployment();
      try {
        const running = await deployment.run();
        await running.log.append([
          mailboxRecord(PERSONAL, 'p', 0, { kind: 'personal', owner: 'agent1', status: 'active' }),
          mailboxRecord(GROUP, 'g', 0, { kind: 'group', members: ['agent1', 'agent2'], status: 'active' }),
        ]);
        for (const [index, each] of steps.entries()) {
          await running.log.append([recordOf(each, index)]);
          if (index % 5 === 0) await running.settle();
        }
        await running.settle();
        await deployment.clock.advance(2 * 3_600_000);
        await running.settle();
        await expectRecounted(running);
        await running.stop();
      } finally {
        await deployment.remove();
      }
    }),
    TRIES,
  );
}, 300_000);

function recordOf(
  step: {
    kind: 'deposit' | 'read' | 'unread' | 'delete' | 'forward';
    place: string;
    message: string;
    urgent?: boolean;
    to?: string;
  },
  index: number,
): NewRecord {
  const id = `e${index}`;
  if (step.kind === 'deposit')
    return depositRecord(step.place, step.message, { priority: step.urgent === true ? 'urgent' : 'normal' });
  const action = step.kind === 'forward' ? { action: step.kind, toMailbox: step.to ?? GROUP } : { action: step.kind };
  return actionRecord(step.place, step.message, id, index, action);
}

async function expectRecounted(running: Running): Promise<void> {
  const source = messageRecount(running.tenants);
  const stores = running.tenants.byId('t100')?.stores;
  if (stores === undefined) throw new Error('the tenant is not served');
  for await (const mailbox of listMailboxes(stores)) {
    const entries = await Array.fromAsync(source.listMessages('t100', mailbox));
    const lamp = await running.mwi.read({ tenant: 't100', mailbox });
    expect({ mailbox, counts: lamp?.counts, stale: lamp?.stale }).toEqual({
      mailbox,
      counts: countEntries(entries),
      stale: false,
    });
  }
}
