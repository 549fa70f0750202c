import { summary, type Fault } from '../fault.ts';

/** A tenants' file that was refused, with every fault, path by path. No value is repeated: one may be a secret. */
export class InvalidTenants extends Error {
  override readonly name = 'InvalidTenants';
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    super(`faulty tenants: ${summary(faults)}`);
    this.faults = faults;
  }
}
