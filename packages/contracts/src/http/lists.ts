import { z } from 'zod';
import { messageState } from '../data/fields.ts';

const MAX_CURSOR_CHARS = 1024;

/** The query of a list: how many items at most, and where the one before ended. */
export const ListQuery = z.object({
  limit: z.coerce.number<string | number>().pipe(z.int().min(1).max(1000)).default(100),
  cursor: z.string().min(1).max(MAX_CURSOR_CHARS).optional(),
});
export type ListQuery = z.output<typeof ListQuery>;

export const MessageListQuery = ListQuery.extend({ state: messageState.optional() });
export type MessageListQuery = z.output<typeof MessageListQuery>;

/** A page of a list. */
export const listOf = <T extends z.ZodType>(
  item: T,
): z.ZodObject<{ items: z.ZodArray<T>; next: z.ZodOptional<z.ZodString> }> =>
  z.object({
    items: z.array(item),
    next: z.string().optional().meta({ description: 'The cursor of the next page; absent on the last' }),
  });
