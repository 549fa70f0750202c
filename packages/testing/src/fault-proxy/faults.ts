import { azureFaults } from './azure-faults.ts';
import { networkFaults } from './network-faults.ts';
import { s3Faults } from './s3-faults.ts';

/** All that can go wrong between a client and a store. */
export const faults = { ...networkFaults, s3: s3Faults, azure: azureFaults };
