import { setTimeout as pause } from 'node:timers/promises';
import { memoryFolder } from '@voicemail/object-store/testing';
import { callsUnderWay, StoreError, withFaults, type ObjectStore } from '@voicemail/object-store';
import { withAppend } from '@voicemail/event-log';
import { whileTimePasses } from '@voicemail/runtime';
import { isDistributed } from '../../support/backbone.ts';
import { openDeployment, type Deployment, type Running } from '../../support/in-process.ts';
import { TENANTS } from './script.ts';

const STEP_MS = 500;
/** After a leap of the clock: by then whoever follows a schedule has looked at it. */
const LOOKED_AFTER_MS = 61_000;

/** Kafka and Redis take their time: here as much as is in so many turns of the clock. */
const PAUSE_MS = 5;
/** The embedded log keeps what is done for 20 hours by a clock that leaps, the brokers by one that does not. */
const TRIM_AFTER_MS = 1_000;

/** A deployment with everything that has a part in forgetting, in the hands of a script. */
export interface Site extends AsyncDisposable {
  readonly folder: string;
  readonly clock: Deployment['clock'];
  /** The process that runs now. */
  readonly running: () => Running;
  /** Everything that was ever logged. */
  readonly logged: () => string;
  settle(): Promise<void>;
  pass(ms: number): Promise<void>;
  /** Lets time pass until something is over. */
  whilePassing<T>(waiting: Promise<T>): Promise<T>;
  /** The wall clock alone is set, and time enough passes for everybody to notice. */
  setClock(byMs: number): Promise<void>;
  restart(): Promise<void>;
  /** From now on every call of the region fails, or none does. */
  setDown(region: string, isDown: boolean): void;
  /** The process dies after some turns of the event loop, whatever it is at, and another one starts. */
  die(afterTurns: number): Promise<void>;
}

export async function openSite(): Promise<Site> {
  const deployment = await openDeployment({ tenants: TENANTS, below: memoryFolder() });
  const { clock, folder } = deployment;
  const busy = callsUnderWay();
  const lines: string[] = [];
  const down = new Set<string>();
  let appending = 0;
  const passes = <T>(waiting: Promise<T>): Promise<T> =>
    whileTimePasses(clock, waiting, {
      stepMs: STEP_MS,
      isBusy: () => busy.count() + appending > 0,
      ...(isDistributed ? { between: () => pause(PAUSE_MS) } : {}),
    });

  const start = async (): Promise<{ readonly running: Running; readonly kill: () => void }> => {
    let isDead = false;
    const alive = (): void => {
      if (isDead) throw new Error('the process died');
    };
    const store = (inner: ObjectStore, region: string): ObjectStore =>
      busy.layer(
        withFaults(inner, ({ operation, key }) => {
          alive();
          if (down.has(region)) throw new StoreError('unavailable', operation, key, 'the region is down');
        }),
      );
    const running = await deployment.run({
      store,
      log: (log) =>
        withAppend(log, async (records, append) => {
          alive();
          appending += 1;
          try {
            return await append(records);
          } finally {
            appending -= 1;
            alive();
          }
        }),
      withSaga: true,
      trimAfterMs: isDistributed ? TRIM_AFTER_MS : undefined,
      logLines: { write: (line) => void lines.push(line) },
    });
    return { running, kill: () => (isDead = true) };
  };
  let current = await start();
  const restart = async (): Promise<void> => {
    await passes(current.running.stop());
    current = await start();
  };
  const pass = (ms: number): Promise<void> => passes(clock.sleep(ms));
  return {
    folder,
    clock,
    running: () => current.running,
    logged: () => lines.join(''),
    settle: () => passes(current.running.settle()),
    pass,
    whilePassing: passes,
    setClock: async (byMs) => {
      clock.jumpWall(byMs);
      await pass(LOOKED_AFTER_MS);
    },
    restart,
    setDown: (region, isDown) => void (isDown ? down.add(region) : down.delete(region)),
    die: async (afterTurns) => {
      for (let turn = 0; turn < afterTurns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      current.kill();
      await restart();
    },
    [Symbol.asyncDispose]: async () => {
      await passes(current.running.stop());
      await deployment.remove();
    },
  };
}
