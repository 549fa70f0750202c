export type { ApiOptions } from './context.ts';
export { createApi, createHealthServer, type Api } from './create-api.ts';
