import { z } from 'zod';
import { UsageError } from '../cli-error.ts';
import type { Config } from '../config.ts';
import { readText } from '../data-folder/private-file.ts';

export interface DepositTarget {
  readonly tenant: string;
  readonly region: string;
}

/** As much of the file as is needed here; the server checks the rest. */
const Tenants = z.array(z.object({ tenant_id: z.string(), master_region: z.string().optional() })).nonempty();

/**
 * The tenant and region of a deposit: as given, else the first tenant of the tenants' file, which the embedded token is for, and its
 * master region.
 * @throws UsageError where neither says.
 */
export async function depositTarget(
  config: Config,
  given: { readonly tenant?: string; readonly region?: string },
): Promise<DepositTarget> {
  const tenants = Tenants.safeParse(parse((await readText(config.tenantsFile)) ?? ''));
  const [first] = tenants.success ? tenants.data : [];
  const own = tenants.success
    ? tenants.data.find(({ tenant_id: id }) => id === (given.tenant ?? first?.tenant_id))
    : undefined;
  const tenant = given.tenant ?? own?.tenant_id;
  const region = given.region ?? own?.master_region ?? config.defaultRegion?.name;
  if (tenant !== undefined && region !== undefined) return { tenant, region };
  throw new UsageError(
    `Name the tenant and the region with --tenant and --region: ${config.tenantsFile}, which would tell them, is not there or does not.`,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
