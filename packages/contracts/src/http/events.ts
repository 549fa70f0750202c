import { z } from 'zod';
import { DeadLetterData } from '../data/dead-letter.ts';
import * as examples from './examples.ts';
import { listOf } from './lists.ts';

/** The answer to an event that is durable in the log: its id and where it is. */
export const EventAccepted = z
  .object({ id: z.string(), topic: z.string(), partition: z.int(), offset: z.int() })
  .meta({ id: 'EventAccepted', examples: [examples.ACCEPTED] });
export type EventAccepted = z.output<typeof EventAccepted>;

/** A dead letter as an operator sees it. */
export const DeadLetterView = DeadLetterData.extend({
  id: z.string(),
  tenant: z.string().nullable().meta({ description: 'null where no tenant could be read' }),
  region: z
    .string()
    .nullable()
    .meta({ description: "The region that keeps the record; null: the deployment's own store" }),
  takenAt: z.string().meta({ description: 'When the log took the record first' }),
  expiresAt: z.string().meta({ description: 'When the kept record is removed' }),
}).meta({ id: 'DeadLetter', examples: [examples.DEAD_LETTER] });
export type DeadLetterView = z.output<typeof DeadLetterView>;

export const DeadLetterList = listOf(DeadLetterView);
export type DeadLetterList = z.output<typeof DeadLetterList>;
