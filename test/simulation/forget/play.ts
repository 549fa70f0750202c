import { TOPICS } from '@voicemail/contracts';
import type { NewRecord } from '@voicemail/event-log';
import { exportPackage, placeHold, releaseHold } from '@voicemail/gdpr';
import { forwardedId, readNumbers } from '@voicemail/message-store';
import { systemIds } from '@voicemail/runtime';
import { binaryRecord, deposit, messageAction, readZip, structuredRecord } from '@voicemail/testing';
import { expect } from 'vitest';
import { isDistributed } from '../../support/backbone.ts';
import { CALLERS } from './callers.ts';
import { newModel, type Item, type Model } from './model.ts';
import type { Naming, Step } from './script.ts';
import type { Site } from './site.ts';
import { isThere, storesOf } from './there.ts';

const NOWHERE = 'mars';
/** By then whoever waited for a region has tried again, also in the topic where a deposit waits for ten minutes. */
const TRIED_AGAIN_AFTER_MS = 660_000;
/** By then an action that came before its message has been tried again, in each of the topics where it waits for a minute or less. */
const RETRIED_AFTER_MS = 75_000;

/** What the world was told, and what must come of it. */
export interface Play {
  readonly model: Model;
  /** The ids of all requests, by tenant. */
  readonly requests: readonly { readonly tenant: string; readonly requestId: string }[];
  step(step: Step): Promise<void>;
  /** Every hold that is in force ends. */
  releaseAll(): Promise<void>;
}

/** A legal hold that is in force. */
interface Hold {
  readonly tenant: string;
  readonly holdId: string;
  /** What was there when it was placed, and stays unless somebody deletes it. */
  readonly items: readonly Item[];
}

/** Plays a script's steps on a site, and keeps a model of what must come of them. */
export function openPlay(site: Site): Play {
  const model = newModel(site.clock.now());
  /** Records of deposits that became messages, or were to. */
  const deposits: NewRecord[] = [];
  const requests: { tenant: string; requestId: string; record: NewRecord }[] = [];
  /** Messages that everybody knows of by now. */
  const known = new Set<Item>();
  /** An action was published whose message may not be stored yet: then it is tried again within the minute. */
  let isRacing = false;
  let count = 0;
  const holds: Hold[] = [];

  const text = (ms: number): string => new Date(ms).toISOString();
  /** @returns when the log took it. */
  const append = async (record: NewRecord): Promise<number> => {
    const [position] = await site.running().log.append([record]);
    for await (const { appendedAt } of site.running().log.read(record.topic, { fromOffset: position!.offset })) {
      return appendedAt;
    }
    throw new Error('the log does not have what it took');
  };
  const settle = async (): Promise<void> => {
    await site.settle();
    if (isRacing) {
      await site.pass(RETRIED_AFTER_MS);
      await site.settle();
    }
    isRacing = false;
    model.clockSays(site.clock.now());
    for (const item of model.items) known.add(item);
  };
  const messages = (): readonly Item[] => model.items.filter(({ kind }) => kind === 'message');
  const actOn = async (of: number): Promise<Item | undefined> => {
    const item = pick(messages(), of);
    if (item === undefined || known.has(item)) return item;
    // By the brokers' clock, which does not leap, an action has waited for long after the first leap.
    if (isDistributed) await settle();
    else isRacing = true;
    return item;
  };
  const pick = <T>(all: readonly T[], of: number): T | undefined => all[of % all.length];

  const leave = async (step: Extract<Step, { do: 'deposit' }>): Promise<void> => {
    count += 1;
    const { tenant, mailbox, region, how } = step;
    const messageId = `message-${String(count).padStart(4, '0')}`;
    const sound = `the voice of deposit ${String(count).padStart(4, '0')} as it was`;
    const stagedAs = how === 'staged' ? `put-aside-${String(count).padStart(4, '0')}` : null;
    const stagedKey = `staging/${tenant}/${stagedAs}.wav`;
    const bytes = Buffer.from(`RIFF ${sound}`);
    const saidMs = site.clock.now() - step.agoMs;
    if (stagedAs !== null) {
      const { store } = storesOf(site.running(), tenant).regions.find(({ name }) => name === region)!;
      await store.put(stagedKey, bytes, { contentType: 'audio/wav', condition: { absent: true } });
    }
    const event = deposit({
      id: how === 'binary' ? messageId : `e${count}`,
      tenant,
      mailbox,
      messageId,
      callerId: step.caller === null ? null : spelled(step.caller),
      region: how === 'refused' ? NOWHERE : region,
      time: text(saidMs),
      durationMs: 1_000,
      media: stagedAs === null ? { contentType: 'audio/wav', bytes } : { contentType: 'audio/wav', stagedKey },
    });
    const record = how === 'binary' ? binaryRecord(event) : structuredRecord(event);
    const takenMs = await append(record);
    const item = model.add({
      kind: how === 'refused' ? 'letter' : 'message',
      tenant,
      mailbox,
      messageId,
      caller: step.caller?.caller ?? null,
      timeMs: Math.min(saidMs, takenMs),
      sound,
      stagedAs,
    });
    if (item.kind === 'message') deposits.push(record);
  };
  const act = async (step: Extract<Step, { do: 'read' | 'unread' | 'delete' }>): Promise<void> => {
    const item = await actOn(step.of);
    if (item === undefined) return;
    count += 1;
    const { tenant, mailbox, messageId } = item;
    const options = { tenant, mailbox, messageId, id: `e${count}`, time: text(site.clock.now()) };
    await append(structuredRecord(messageAction({ ...options, action: step.do })));
    if (step.do === 'delete') item.isGone = true;
  };
  const forward = async ({ of, to }: Extract<Step, { do: 'forward' }>): Promise<void> => {
    const item = await actOn(of);
    if (item === undefined) return;
    count += 1;
    const { tenant, mailbox, messageId } = item;
    const id = `e${count}`;
    const options = { tenant, mailbox, messageId, id, time: text(site.clock.now()) };
    await append(structuredRecord(messageAction({ ...options, action: 'forward', toMailbox: to })));
    const target = forwardedId(tenant, { mailbox, messageId }, to, id);
    model.add({ ...item, mailbox: to, messageId: target, stagedAs: null }, item.isGone);
  };
  const context = () => ({ ledgers: site.running().ledgers, clock: site.clock, ids: systemIds() });
  const hold = async (tenant: string, on: Parameters<typeof placeHold>[2]['on'], isOn: (item: Item) => boolean) => {
    await settle();
    const items = model.items.filter((item) => isOn(item) && !item.isGone && !model.isOpen(item));
    const wish = { on, reason: 'a case', until: null };
    const { holdId } = await site.whilePassing(placeHold(context(), storesOf(site.running(), tenant), wish));
    holds.push({ tenant, holdId, items });
  };
  const expectHeld = async (): Promise<void> => {
    for (const item of holds.flatMap(({ items }) => items)) {
      if (!item.isGone) expect(await isThere(site.running(), item), `${item.messageId}, which is held`).toBe(true);
    }
  };
  const release = async (of: number): Promise<void> => {
    const ended = pick(holds, of);
    if (ended === undefined) return;
    await settle();
    await expectHeld();
    holds.splice(holds.indexOf(ended), 1);
    const stores = storesOf(site.running(), ended.tenant);
    expect(await site.whilePassing(releaseHold(context(), stores, ended.holdId))).toBe(true);
  };
  const outage = async ({ region, ms, leapMs, dies }: Extract<Step, { do: 'outage' }>): Promise<void> => {
    if (isRacing) await settle();
    for (const item of model.items) item.isLate ||= !known.has(item);
    site.setDown(region, true);
    if (leapMs > 0) await site.setClock(leapMs);
    await site.pass(ms);
    if (dies) await site.die(0);
    site.setDown(region, false);
    await site.setClock(TRIED_AGAIN_AFTER_MS);
    await settle();
  };
  /**
   * The package of an export has every recording of its callers that is there for certain, and nobody else's. Of a caller who was erased since it was
   * asked for there is no number, and so no package.
   */
  const expectPackage = async (
    { tenant, callers }: Extract<Step, { do: 'exportme' | 'forgetme' | 'undoforget' }>,
    requestId: string,
    cutoffMs: number,
  ): Promise<void> => {
    const stores = storesOf(site.running(), tenant);
    const asked = (await site.running().ledgers(stores).refresh()).requests.get(requestId);
    if (asked?.phase !== 'exported') throw new Error('an export is not exported');
    const numbers = (await readNumbers(stores, requestId)) ?? callers.map(() => null);
    const named = callers.flatMap(({ caller }, index) => (numbers[index] === null ? [] : [caller]));
    const nameless = callers.filter(({ caller }) => !named.includes(caller));
    expect(nameless.filter(({ caller }) => !model.wasForgotten(tenant, caller))).toEqual([]);
    const parts = exportPackage({ stores, request: asked, numbers, nowMs: site.clock.now() });
    const files = await readZip(Buffer.concat(await site.whilePassing(Array.fromAsync(parts))));
    const recordings = files.filter(({ bytes }) => bytes.subarray(0, 4).toString() === 'RIFF');
    const sounds = new Set(recordings.map(({ bytes }) => bytes.toString().replace('RIFF ', '')));
    const own = model.items.filter(
      (item) => item.kind === 'message' && item.tenant === tenant && named.some((caller) => caller === item.caller),
    );
    const early = own.filter(({ timeMs }) => timeMs <= cutoffMs);
    expect([...sounds].filter((sound) => !early.some((item) => item.sound === sound))).toEqual([]);
    const certain = early.filter((item) => !item.isGone && !model.isOpen(item));
    expect(certain.filter(({ sound }) => !sounds.has(sound))).toEqual([]);
  };
  const ask = async (step: Extract<Step, { do: 'forgetme' | 'undoforget' | 'exportme' }>): Promise<void> => {
    count += 1;
    const { tenant, callers } = step;
    const requestId = `r${count}`;
    const requestedMs = site.clock.now() - step.agoMs;
    const data = {
      tenant,
      requestId,
      operation: step.do,
      consumers: callers.map((naming) => ({ phone: spelled(naming) })),
      requestedAt: text(requestedMs),
    };
    const record = requestRecord(data, text(site.clock.now()));
    requests.push({ tenant, requestId, record });
    const takenMs = await append(record);
    const named = callers.map(({ caller }) => caller);
    if (step.do === 'forgetme')
      for (const caller of named) model.forget(tenant, caller, Math.min(requestedMs, takenMs));
    if (step.do === 'exportme') {
      for (const caller of named) model.exportOf(tenant, caller);
      await settle();
      await expectPackage(step, requestId, Math.min(requestedMs, takenMs));
    }
    if (step.do !== 'undoforget') return;
    const open = named.flatMap((caller) => model.undo(tenant, caller));
    await settle();
    await expectHeld();
    for (const item of open) item.isGone = !(await isThere(site.running(), item));
  };
  const again = async (records: readonly NewRecord[], of: number): Promise<void> => {
    const record = pick(records, of);
    if (record !== undefined) await append(record);
  };

  const play = async (step: Step): Promise<void> => {
    switch (step.do) {
      case 'deposit':
        return leave(step);
      case 'deposit-again':
        return again(deposits, step.of);
      case 'read':
      case 'unread':
      case 'delete':
        return act(step);
      case 'forward':
        return forward(step);
      case 'forgetme':
      case 'undoforget':
      case 'exportme':
        return ask(step);
      case 'request-again':
        return again(
          requests.map(({ record }) => record),
          step.of,
        );
      case 'settle':
        return settle();
      case 'clean':
        return site.running().tidy();
      case 'pass':
        return site.pass(step.ms);
      case 'set-clock':
        // An action waits for its message for an hour: by a clock that leaps it would be over.
        if (isRacing) await settle();
        return site.setClock(step.byMs);
      case 'outage':
        return outage(step);
      case 'hold': {
        const { tenant, caller } = step;
        const isOf = (item: Item): boolean => item.tenant === tenant && item.caller === caller.caller;
        return hold(tenant, { phone: spelled(caller) }, isOf);
      }
      case 'hold-message': {
        const held = pick(messages(), step.of);
        if (held === undefined) return;
        const { tenant, mailbox, messageId } = held;
        return hold(tenant, { mailbox, messageId }, (item) => item === held);
      }
      case 'release':
        return release(step.of);
      case 'restart':
        return site.restart();
      case 'die':
        return site.die(step.afterTurns);
    }
  };
  return {
    model,
    requests,
    step: async (step) => {
      await play(step);
      model.clockSays(site.clock.now());
    },
    releaseAll: async () => {
      while (holds.length > 0) await release(0);
    },
  };
}

const spelled = ({ caller, spelling }: Naming): string => {
  const { spellings } = CALLERS[caller]!;
  return spellings[spelling % spellings.length]!;
};

function requestRecord(data: { readonly tenant: string; readonly requestId: string }, time: string): NewRecord {
  const event = {
    specversion: '1.0',
    id: data.requestId,
    source: '/test/compliance',
    type: 'voicemail.gdpr.request.v1',
    time,
    datacontenttype: 'application/json',
    data,
  };
  return {
    topic: TOPICS.gdprRequests,
    key: data.tenant,
    value: Buffer.from(JSON.stringify(event)),
    headers: { 'content-type': 'application/cloudevents+json' },
  };
}
