/** Whether tests that have a short form run their long one: `npx pnpm test:long`. */
export const isLongForm = (): boolean => process.env['VOICEMAIL_TESTS'] === 'long';

/** Whether nothing may be left out: where `CI` is set. */
export const isCi = (): boolean => (process.env['CI'] ?? '') !== '';

/** Whether there is time for what takes minutes. */
export const isWhole = (): boolean => isCi() || isLongForm();
