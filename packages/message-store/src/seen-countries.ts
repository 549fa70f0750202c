import type { Fault, Tenant } from '@voicemail/contracts';
import { z } from 'zod';

/** What a deployment remembers beside its tenants' file, as one text. */
export interface Memory {
  read(): Promise<string | null>;
  write(text: string): Promise<void>;
}

const Countries = z.record(z.string(), z.array(z.string()));

/** The countries that each tenant's numbers were ever read for: callers are searched under all of them (CONTRACT section 1). */
export interface SeenCountries {
  /** What a tenants' file leaves out: a `default_country` that was in force and is neither the present nor a former one. */
  faults(tenants: readonly Tenant[]): readonly Fault[];
  /** Remembers what is in force now. Nothing is ever forgotten, also of a tenant that left the file. */
  note(tenants: readonly Tenant[]): Promise<void>;
}

export async function seenCountries(memory: Memory): Promise<SeenCountries> {
  const text = await memory.read();
  const seen = new Map(Object.entries(text === null ? {} : Countries.parse(JSON.parse(text))));
  return {
    faults: (tenants) =>
      tenants.flatMap(({ tenantId, defaultCountry, formerDefaultCountries }, index) =>
        (seen.get(tenantId) ?? [])
          .filter((country) => country !== defaultCountry && !formerDefaultCountries.includes(country))
          .map((country) => ({
            path: `[${index}].former_default_countries`,
            message: `must list ${country}, which was the default country of ${tenantId}: numbers were stored by it`,
          })),
      ),
    note: async (tenants) => {
      const fresh = tenants.filter(
        ({ tenantId, defaultCountry }) => seen.get(tenantId)?.includes(defaultCountry) !== true,
      );
      if (fresh.length === 0) return;
      for (const { tenantId, defaultCountry } of fresh) {
        seen.set(tenantId, [...(seen.get(tenantId) ?? []), defaultCountry]);
      }
      await memory.write(JSON.stringify(Object.fromEntries(seen)));
    },
  };
}
