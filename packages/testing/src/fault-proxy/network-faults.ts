import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from './fault.ts';

/** A reset throws away what the other side has not read yet; so long it gets to read what it is meant to see. */
const READ_MS = 50;

/** What networks do. Each is made anew for each use, like the answers of stores, and says what has reached the server. */
export const networkFaults = {
  /** Passed on as if there were no fault. */
  none: (): Fault => async (exchange) => exchange.passOn(await exchange.askServer()),

  /** Passed on after a while. */
  delay:
    (ms: number): Fault =>
    async (exchange) => {
      await pause(ms);
      if (!exchange.response.destroyed) await exchange.passOn(await exchange.askServer());
    },

  /** The server sees nothing. */
  resetBeforeRequest: (): Fault => async (exchange) => exchange.resetClient(),

  /** The server sees half of the body, then the end of the connection; the client a reset. */
  resetInRequest: (): Fault => async (exchange) => {
    await exchange.breakOffToServer();
    exchange.resetClient();
  },

  /** The server has done all of it; the client sees half of the answer's body, then a reset. */
  resetInResponse: (): Fault => async (exchange) => {
    await exchange.passOnHalf(await exchange.askServer());
    await pause(READ_MS);
    exchange.resetClient();
  },

  /** The server has done all of it; the client sees a reset and no answer. */
  loseAnswer: (): Fault => async (exchange) => {
    const answer = await exchange.askServer();
    for await (const chunk of answer) void chunk;
    exchange.resetClient();
  },

  /** The server has done all of it; the answer is shorter than its `content-length`, and the connection ends in order. */
  truncateResponse: (): Fault => async (exchange) => {
    await exchange.passOnHalf(await exchange.askServer());
    exchange.endClient();
  },

  /** The server sees nothing; the client waits until it has had enough. */
  hang: (): Fault => async () => undefined,

  /** The server has done all of it; the client sees half of the answer's body, and waits for the rest. */
  hangInResponse: (): Fault => async (exchange) => exchange.passOnHalf(await exchange.askServer()),

  /** The answer's `Date` is that of a server whose clock is off by so much: positive is ahead of ours. */
  shiftDate:
    (offsetMs: number): Fault =>
    async (exchange) => {
      const answer = await exchange.askServer();
      const date = new Date(Date.parse(answer.headers.date ?? '') + offsetMs).toUTCString();
      const shifted = answer.rawHeaders.map((value, at) =>
        at % 2 === 1 && answer.rawHeaders[at - 1]?.toLowerCase() === 'date' ? date : value,
      );
      await exchange.passOn(answer, shifted);
    },

  /** An answer in the server's place, which sees nothing. */
  answer:
    (status: number, headers: Readonly<Record<string, string>> = {}, body = ''): Fault =>
    (exchange) =>
      exchange.answer(status, headers, body),
};
