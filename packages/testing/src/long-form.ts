/** Whether tests that have a short form run their long one: `npx pnpm test:long`. */
export const isLongForm = (): boolean => process.env['VOICEMAIL_TESTS'] === 'long';
