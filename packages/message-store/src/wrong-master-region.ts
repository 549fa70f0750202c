/** The tenants' file names a master region that does not hold the tenant's metadata: served from there, the tenant would look empty. */
export class WrongMasterRegion extends Error {
  override readonly name = 'WrongMasterRegion';

  /** The region holds a part of what the master has, or nothing. */
  static incomplete(tenant: string, from: string, to: string): WrongMasterRegion {
    return new WrongMasterRegion(
      `the metadata of tenant ${tenant} is in region ${from}, and not all of it in ${to}: run "voicemail storage copy --from ${from} --to ${to}" while no server runs, or set master_region to ${from}`,
    );
  }

  /** The deployment has served the tenant before, and what it was served from is in none of its regions as they are now. */
  static empty(tenant: string, region: string): WrongMasterRegion {
    return new WrongMasterRegion(
      `region ${region} holds no metadata of tenant ${tenant}, which was served before: put the region's storage in the tenants' file back to where it was, or bring everything to the new place first, by copying the volume or with "voicemail storage copy" as a region of another name`,
    );
  }

  /** Everything was brought from the region to another one. */
  static moved(tenant: string, to: string): WrongMasterRegion {
    return new WrongMasterRegion(
      `the metadata of tenant ${tenant} was moved to region ${to}: set master_region to ${to}`,
    );
  }
}
