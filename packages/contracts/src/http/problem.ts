import { z } from 'zod';
import * as examples from './examples.ts';

/** A problem document (RFC 9457), `application/problem+json`. */
export const Problem = z
  .object({
    type: z.string().meta({ description: 'A URI reference that names the kind of problem' }),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string().optional(),
    instance: z.string().optional(),
    faults: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .meta({ description: 'Everything that is wrong with the request' }),
  })
  .meta({ id: 'Problem', description: 'A problem document (RFC 9457)', examples: [examples.PROBLEM] });
export type Problem = z.output<typeof Problem>;
