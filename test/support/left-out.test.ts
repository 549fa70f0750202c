/** Says in the short form what was left out, and how it is run. */
import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, it } from 'vitest';
import { ALL, LONG, NOT_TOLD_TWICE, SHORT_FORM, SIMULATIONS } from './which-journeys.ts';

const files = globSync(ALL).filter((file) => ![...NOT_TOLD_TWICE, ...SHORT_FORM].includes(file));

it.for(files.map((file) => basename(file, '.test.ts')))('journeys of %s on Kafka and Redis', (_name, { skip }) => {
  expect(process.env['CI'] ?? '', 'where CI is set nothing may be left out').toBe('');
  skip('They take minutes, and run where CI is set, or with VOICEMAIL_TESTS=long.');
});

it.for(SIMULATIONS)('%s on Kafka and Redis', (_file, { skip }) => {
  expect(process.env['CI'] ?? '', 'where CI is set nothing may be left out').toBe('');
  skip('It takes half a minute, and runs where CI is set, or with VOICEMAIL_TESTS=long.');
});

it.for(LONG)('%s', (_file, { skip }) => {
  expect(process.env['CI'] ?? '', 'where CI is set nothing may be left out').toBe('');
  skip('It takes a quarter of a minute or more, and runs where CI is set, or with VOICEMAIL_TESTS=long.');
});
