/** Set up for each file of journeys that is told on Kafka and Redis. */
import { isCi } from '@voicemail/testing';
import { beforeEach } from 'vitest';
import { missingOfBackbone } from './backbone.ts';
import { EMBEDDED_ONLY } from './embedded-only.ts';

if (missingOfBackbone !== null) {
  if (isCi()) throw new Error(`where CI is set nothing may be left out: ${missingOfBackbone}`);
  process.stderr.write(`\nJourneys on Kafka and Redis cannot be told: ${missingOfBackbone}\n`);
}

beforeEach(({ task, skip }) => {
  if (missingOfBackbone !== null) skip(missingOfBackbone);
  const why = EMBEDDED_ONLY[task.fullTestName];
  if (why !== undefined) skip(why);
});
