/** What tells one store from another: an object in it that is made once. */
export interface IdentityObject {
  readonly id: string;
  /** Whose store it is. */
  readonly region: string;
}

/** How a deployment remembers, outside the store, which store it has seen at a place. */
export interface SeenIdentity {
  read(): Promise<string | null>;
  write(id: string): Promise<void>;
}

export const identityText = ({ id, region }: IdentityObject): string => `${JSON.stringify({ id, region })}\n`;

/** The identity that a text is of. @throws Error for a text of none: it says what is wrong, without repeating it. */
export function readIdentity(text: string): IdentityObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error('cannot be read', { cause: error });
  }
  if (!isIdentity(value)) throw new Error('is not an identity');
  return value;
}

function isIdentity(value: unknown): value is IdentityObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    'id' in value &&
    typeof value.id === 'string' &&
    'region' in value &&
    typeof value.region === 'string'
  );
}
