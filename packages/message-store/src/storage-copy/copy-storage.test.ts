import { storageCopySuite } from './suite.ts';
import { volume } from './world.ts';

storageCopySuite('from a volume to a volume', () => ({ source: volume, target: volume }));
