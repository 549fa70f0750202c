import { binaryRequest } from '@voicemail/testing';
import { encodeRequest, type Target } from './client.ts';
import { someDeposit } from './deposits.ts';

/** Deposits in binary mode, ready to be sent. */
export function depositRequests(target: Target, load: string, count: number, audio: Uint8Array): readonly Buffer[] {
  return Array.from({ length: count }, (_, index) =>
    encodeRequest(target, binaryRequest(someDeposit(load, index, audio))),
  );
}
