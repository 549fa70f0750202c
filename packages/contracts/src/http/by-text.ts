import { z } from 'zod';
import { isObject } from '../event/json.ts';

type ByText<T extends z.ZodType> = Record<string, z.output<T>>;

/**
 * Values by any text. `z.record` leaves the key `__proto__` out, and a caller may be known by that text as by any other; so what is
 * given is checked and passed on as it is.
 */
export function byText<T extends z.ZodType>(value: T): z.ZodType<ByText<T>, ByText<T>> {
  const { $schema: _dialect, ...additionalProperties } = z.toJSONSchema(value, { target: 'draft-2020-12' });
  const isByText = (given: unknown): given is ByText<T> =>
    isObject(given) && Object.values(given).every((one) => value.safeParse(one).success);
  const checked: z.ZodType = z
    .unknown()
    .refine(isByText)
    .meta({ type: 'object', propertyNames: { type: 'string' }, additionalProperties });
  return checked as z.ZodType<ByText<T>, ByText<T>>;
}
