export type { ApiOptions } from './context.ts';
export { createApi, type Api } from './create-api.ts';
