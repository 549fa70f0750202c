import { TOPICS } from '@voicemail/contracts';
import { withAppend, type EventLog, type NewRecord } from '@voicemail/event-log';
import { withFaults, type ObjectStore } from '@voicemail/object-store';
import { expect, it } from 'vitest';
import { actionRecord, depositRecord, mailboxRecord } from '../support/events.ts';
import { lastLamps, objectsOf, openDeployment, type Layers } from '../support/in-process.ts';

/** More steps than any operation has: a test that reaches it has lost its way. */
const MAX_STEPS = 200;

interface Operation {
  readonly name: string;
  /** What stands there before. */
  readonly before: readonly NewRecord[];
  /** What the process dies in. */
  readonly during: NewRecord;
}

const operations: readonly Operation[] = [
  { name: 'a deposit', before: [], during: depositRecord('9876', 'm1', { region: 'westeurope' }) },
  {
    name: 'a read',
    before: [depositRecord('9876', 'm1')],
    during: actionRecord('9876', 'm1', 'e1', 1, { action: 'read' }),
  },
  {
    name: 'a delete',
    before: [depositRecord('9876', 'm1', { region: 'westeurope' })],
    during: actionRecord('9876', 'm1', 'e1', 1, { action: 'delete' }),
  },
  {
    name: 'a forward',
    before: [depositRecord('9876', 'm1', { region: 'westeurope' })],
    during: actionRecord('9876', 'm1', 'e1', 1, { action: 'forward', toMailbox: '42' }),
  },
  {
    name: 'a mailbox event',
    before: [depositRecord('9876', 'm1')],
    during: mailboxRecord('9876', 'e1', 1, { kind: 'group', members: ['agent1'], status: 'active' }),
  },
  {
    name: 'a dead letter',
    before: [depositRecord('9876', 'm1')],
    during: depositRecord('9876', 'm1', { sound: 'other bytes under the same id' }),
  },
];

it.each(operations)(
  '$name ends the same wherever between two writes the process dies in it',
  async (operation) => {
    const undisturbed = await outcome(operation, null);
    const hit: string[] = [];
    for (let step = 1; step <= MAX_STEPS; step += 1) {
      const disturbed = await outcome(operation, step);
      if (disturbed.diedAt === null) break;
      hit.push(disturbed.diedAt);
      expect(disturbed.state, `died at ${disturbed.diedAt}`).toEqual(undisturbed.state);
    }
    process.stdout.write(
      `${operation.name}: died at each of ${hit.length} steps\n${hit.map((at) => `  ${at}\n`).join('')}`,
    );
    expect(hit.length).toBeGreaterThan(3);
    expect(hit.length).toBeLessThan(MAX_STEPS);
  },
  120_000,
);

/** Runs an operation, kills it at a step, starts again, and says what stands there at the end. */
async function outcome(operation: Operation, dieAt: number | null): Promise<{ state: unknown; diedAt: string | null }> {
  const deployment = await openDeployment();
  try {
    const first = await deployment.run();
    if (operation.before.length > 0) await first.log.append(operation.before);
    await first.settle();
    await first.stop();

    const death = mortal(dieAt);
    const second = await deployment.run(death.layers);
    await death.outside(() => second.log.append([operation.during]));
    await Promise.race([second.settle(), death.died]);
    await second.stop();

    const third = await deployment.run();
    await third.settle();
    const lamps = await lastLamps(third.log);
    const facts = await eventsOf(third.log, TOPICS.messages);
    const letters = await eventsOf(third.log, TOPICS.deadLetters);
    await third.stop();
    return {
      state: { objects: await objectsOf(deployment), lamps: withoutRevisions(lamps), facts, letters },
      diedAt: death.diedAt(),
    };
  } finally {
    await deployment.remove();
  }
}

/** Layers behind which everything fails from one step on, as for a process that is no more. */
function mortal(dieAt: number | null): {
  layers: Layers;
  died: Promise<void>;
  diedAt(): string | null;
  outside<T>(run: () => Promise<T>): Promise<T>;
} {
  let steps = 0;
  let diedAt: string | null = null;
  let isOutside = false;
  const death = Promise.withResolvers<void>();
  const pass = (what: string): void => {
    if (isOutside) return;
    steps += 1;
    if (dieAt === null || steps < dieAt) return;
    diedAt ??= what;
    death.resolve();
    throw new Error('the process died');
  };
  const isWrite = (operation: string): boolean => ['put', 'copy', 'delete'].includes(operation);
  const store = (inner: ObjectStore): ObjectStore =>
    withFaults(inner, ({ moment, operation, key }) => {
      if (diedAt !== null) throw new Error('the process died');
      if (isWrite(operation)) pass(`${moment} ${operation} ${key}`);
    });
  const log = (inner: EventLog): EventLog =>
    withAppend(inner, async (records, append) => {
      const topics = records.map(({ topic }) => topic).join(', ');
      pass(`before append to ${topics}`);
      const positions = await append(records);
      pass(`after append to ${topics}`);
      return positions;
    });
  const outside = async <T>(run: () => Promise<T>): Promise<T> => {
    isOutside = true;
    const result = await run();
    isOutside = false;
    return result;
  };
  return { layers: { store, log }, died: death.promise, diedAt: () => diedAt, outside };
}

/** The distinct events of a topic: one that was announced twice is one. */
async function eventsOf(log: EventLog, topic: string): Promise<readonly unknown[]> {
  const facts = new Map<string, unknown>();
  for await (const { value } of log.read(topic)) {
    const event = JSON.parse(Buffer.from(value ?? []).toString()) as { id: string; data: unknown };
    facts.set(event.id, event.data);
  }
  return [...facts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, data]) => data);
}

/** A lamp's revision and time tell how often it was touched, which a crash may change. */
function withoutRevisions(lamps: Readonly<Record<string, unknown>>): unknown {
  return Object.fromEntries(
    Object.entries(lamps).map(([key, lamp]) => [key, { ...(lamp as object), revision: null, asOf: null }]),
  );
}
