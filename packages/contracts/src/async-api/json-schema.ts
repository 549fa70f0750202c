import { z } from 'zod';

/**
 * The JSON Schema of a zod schema, as AsyncAPI 3 takes it (draft 7).
 * @param side `publisher`: what may be written, fields with a default may be left out. `subscriber`: what is read.
 */
export function jsonSchema(schema: z.ZodType, side: 'publisher' | 'subscriber'): object {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    target: 'draft-7',
    io: side === 'publisher' ? 'input' : 'output',
    override: ({ jsonSchema: node }) => {
      // Fields may be added to an event; a subscriber that validates must not stumble over them.
      delete node.additionalProperties;
    },
  });
  return rest;
}
