import { Refusal } from '@voicemail/message-store';

/** Something of the request lies in a region that the tenant's list does not have any more: nothing is called done that was not searched. */
export class RegionGone extends Error {
  override readonly name = 'RegionGone';
  readonly region: string;

  constructor(region: string) {
    super(`the tenant's list has no region ${region} any more, and something of the request lies there`);
    this.region = region;
  }
}

/** Whether something failed because the tenant's list does not have a region any more. */
export const isRegionGone = (error: unknown): error is RegionGone | Refusal =>
  error instanceof RegionGone || (error instanceof Refusal && error.reason === 'unknown-region');
