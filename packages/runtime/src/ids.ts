import { randomBytes, randomUUID } from 'node:crypto';

/** The only source of randomness for names and jitter; a simulation passes a seeded one. */
export interface Ids {
  /** A fresh UUID, version 4. */
  uuid(): string;
  /** 32 hex digits nobody else has. */
  token(): string;
  /** A number in [0, 1). */
  random(): number;
}

export function systemIds(): Ids {
  return { uuid: () => randomUUID(), token: () => randomBytes(16).toString('hex'), random: () => Math.random() };
}
