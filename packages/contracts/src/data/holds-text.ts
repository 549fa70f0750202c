/** Whether a field of something unchecked is text: what a rule between fields asks, to be checked beside the faults of others. */
export const holdsText = (value: unknown, field: string): value is object =>
  typeof value === 'object' && value !== null && typeof Reflect.get(value, field) === 'string';
