import { objectStoreContract } from '../contract-suite.ts';
import { temporaryStore } from '../testing.ts';

objectStoreContract('file system', () => temporaryStore());
