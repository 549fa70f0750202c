const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The JSON value of some bytes, or undefined where they are not JSON in UTF-8. JSON.parse's own message would repeat them. */
export function parseJson(bytes: Uint8Array): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(utf8.decode(bytes)) as unknown };
  } catch {
    return undefined;
  }
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `type/subtype` of a content type, in lower case. */
export const essence = (contentType: string): string => (contentType.split(';')[0] ?? '').trim().toLowerCase();

/** Whether data of this content type is JSON (CloudEvents JSON format §3.1). */
export const isJsonType = (contentType: string): boolean => /^[^/]+\/(?:[^/]+\+)?json$/.test(essence(contentType));

/** Whether a body of this content type is a recording: data of binary mode that is no JSON document. Without a type nobody can tell. */
export const isRecordingType = (contentType: string | undefined): boolean =>
  contentType !== undefined && !isJsonType(contentType) && !essence(contentType).startsWith('application/cloudevents');
