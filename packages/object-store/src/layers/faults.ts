import type { ObjectStore } from '../port.ts';
import { around, type StoreOperation } from './around.ts';

/** A moment at which a call may be made to fail. */
export interface StoreStep {
  /** `before`: nothing has happened yet; `after`: it has, and the answer is lost if the plan throws. */
  readonly moment: 'before' | 'after';
  readonly operation: StoreOperation;
  /** The key, or the prefix of a listing; null for `check`. */
  readonly key: string | null;
  /** Which call of this operation it is, from 1. */
  readonly nth: number;
  /** Which step of all it is, from 1: a crash test dies at each in turn. */
  readonly step: number;
}

/** Is asked at every step: throw to fail the call there, return a promise to delay it. */
export type FaultPlan = (step: StoreStep) => void | Promise<void>;

/** A plan that fails the n-th call of one operation, before it has an effect or after. */
export function failCall(at: Pick<StoreStep, 'moment' | 'operation' | 'nth'>, error: Error): FaultPlan {
  return ({ moment, operation, nth }) => {
    if (moment === at.moment && operation === at.operation && nth === at.nth) throw error;
  };
}

/** A store that fails where the plan says, for tests and simulation. */
export function withFaults(store: ObjectStore, plan: FaultPlan): ObjectStore {
  let steps = 0;
  const calls = new Map<StoreOperation, number>();
  const begin = (operation: StoreOperation, key: string | null): ((moment: StoreStep['moment']) => Promise<void>) => {
    const nth = (calls.get(operation) ?? 0) + 1;
    calls.set(operation, nth);
    return async (moment) => {
      steps += 1;
      await plan({ moment, operation, key, nth, step: steps });
    };
  };
  return around(store, {
    call: async (operation, key, run) => {
      const at = begin(operation, key);
      await at('before');
      const answer = await run();
      await at('after');
      return answer;
    },
    items: async function* (operation, prefix, run) {
      const at = begin(operation, prefix);
      await at('before');
      yield* run();
      await at('after');
    },
  });
}
