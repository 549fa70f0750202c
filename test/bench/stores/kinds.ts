import type { Context } from '../figure.ts';
import type { Comparison } from '../measure/comparison.ts';
import { azure } from './azure.ts';
import { StoreMissing, type StoreHost, type StoreKind } from './host.ts';
import { s3 } from './s3.ts';
import { volume } from './volume.ts';

const KINDS: readonly StoreKind[] = [volume, s3, azure];

/** Compares on a store of each kind, one after the other. A kind that this machine cannot have is missing, and the report says so. */
export async function onEveryKind(
  context: Context,
  figure: string,
  compare: (host: StoreHost) => Promise<readonly Comparison[]>,
): Promise<readonly Comparison[]> {
  const comparisons: Comparison[] = [];
  for (const kind of KINDS) {
    try {
      await using host = await kind.open(context);
      comparisons.push(...(await compare(host)));
    } catch (error) {
      if (!(error instanceof StoreMissing)) throw error;
      context.missing(`${figure}, ${kind.name}`, error.message);
    }
  }
  return comparisons;
}
