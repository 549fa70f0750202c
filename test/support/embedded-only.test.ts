import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { EMBEDDED_ONLY } from './embedded-only.ts';
import { ALL } from './which-journeys.ts';

it('whatever is left out of the journeys on Kafka and Redis is a journey', () => {
  const journeys = globSync(ALL).map((file) => readFileSync(file, 'utf8'));
  const unknown = Object.keys(EMBEDDED_ONLY).filter(
    (name) => !journeys.some((text) => name.split(' > ').every((part) => text.includes(`'${part}'`))),
  );
  expect(unknown).toEqual([]);
});
