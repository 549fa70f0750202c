export { EVERY_KIND, onStores, type Mix } from './contract/store-kinds.ts';
export { mortalAt } from './mortal.ts';
export { openSharedVolumes, type SharedVolumes } from './shared-volumes.ts';
export { openWorld, someDeposit, type World } from './test-world.ts';
