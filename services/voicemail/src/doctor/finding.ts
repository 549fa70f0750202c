/** What one look at the installation found. */
export interface Finding {
  readonly name: string;
  /** Nothing is wrong, as far as could be seen. */
  readonly ok: boolean;
  /** It could not be seen: no fault, and nothing to rely on. */
  readonly unknown?: true;
  /** What was found. */
  readonly detail: string;
  /** What to do about it, where something is wrong or unknown. */
  readonly advice?: string;
}

export const fine = (name: string, detail: string): Finding => ({ name, ok: true, detail });
export const wrong = (name: string, detail: string, advice: string): Finding => ({ name, ok: false, detail, advice });
export const unknown = (name: string, detail: string, advice: string): Finding => ({
  name,
  ok: true,
  unknown: true,
  detail,
  advice,
});

/** A look that may fail in ways nobody thought of: then that is what it found. */
export async function look(name: string, advice: string, check: () => Promise<Finding>): Promise<Finding> {
  try {
    return await check();
  } catch (error) {
    return wrong(name, error instanceof Error ? error.message : String(error), advice);
  }
}
