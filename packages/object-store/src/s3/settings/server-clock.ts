import { GetBucketVersioningCommand } from '@aws-sdk/client-s3';
import type { Clock } from '@voicemail/runtime';
import type { StoreSetting } from '../../port.ts';
import type { Bucket } from '../bucket.ts';

/** AWS refuses a signature that is a quarter of an hour off; ages are told apart much sooner. */
const MAX_SKEW_MS = 60_000;

/** By the date of an answer, whatever the answer is. */
export async function clockSetting(bucket: Bucket, clock: Clock): Promise<StoreSetting> {
  const theirs = await serverTime(bucket);
  if (theirs === null) return { name: 'clock', state: 'unknown', detail: 'the store does not tell its time' };
  const skewMs = theirs - clock.now();
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  if (Math.abs(skewMs) <= MAX_SKEW_MS) return { name: 'clock', state: 'fine', detail: `${seconds} s off the store's` };
  return {
    name: 'clock',
    state: 'wrong',
    detail: `this machine's clock is ${seconds} s ${skewMs > 0 ? 'behind' : 'ahead of'} the store's`,
    advice: 'Synchronise it (NTP): the store refuses requests that are 15 minutes off.',
  };
}

async function serverTime(bucket: Bucket): Promise<number | null> {
  let date: string | undefined;
  const command = new GetBucketVersioningCommand({ Bucket: bucket.name });
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      date = dateOf(result.response);
      return result;
    },
    // Nearer to the wire than what makes an error of a refusal.
    { step: 'deserialize', priority: 'low', name: 'serverTime' },
  );
  await bucket
    .ask((s3, options) => s3.send(command, options))
    .catch((error: unknown) => {
      // A refusal has a date like any other answer.
      if (date === undefined) throw error;
    });
  const ms = Date.parse(date ?? '');
  return Number.isNaN(ms) ? null : ms;
}

function dateOf(response: unknown): string | undefined {
  const { headers } = response as { readonly headers?: Readonly<Record<string, string>> };
  return headers?.['date'];
}
