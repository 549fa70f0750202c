import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { plannedTopics } from '@voicemail/event-log';
import { expect, it } from 'vitest';
import { everyTopic } from '../server/topics.ts';

const SCRIPT = fileURLToPath(new URL('../../../../infra/kafka/create-topics.sh', import.meta.url));

it('the operators’ script makes every topic with the settings that a start asks for', async () => {
  const script = await readFile(SCRIPT, 'utf8');
  const made = script
    .split('\n')
    .filter((line) => line.startsWith('create '))
    .map((line) => {
      const [, name = '', ...settings] = line.split(' ');
      return { name, settings: Object.fromEntries(settings.map((setting) => setting.split('='))) as unknown };
    });
  expect(made).toEqual(plannedTopics(everyTopic()));
});
