export { PROJECTOR_LIMITS, type ProjectorLimits } from './limits.ts';
export { messageRecount } from './message-recount.ts';
export { createProjector, PROJECTOR_GROUP, type Projector, type ProjectorOptions } from './projector.ts';
export type { ProjectedTenant, RecountSource } from './recount-source.ts';
