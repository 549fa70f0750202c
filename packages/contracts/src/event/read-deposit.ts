import { binaryDepositOf, CheckedDepositAttributes } from '../data/binary-deposit.ts';
import { DepositData, depositOf, type Deposit } from '../data/deposit.ts';
import { check, type Checked, type Fault } from '../fault.ts';
import { isJsonType, parseJson } from './json.ts';
import { jsonData, type OpenEvent } from './open-event.ts';

/** Reads a deposit: a JSON document, or a recording with attributes. */
export function readDeposit(event: OpenEvent): Checked<Deposit> {
  return isDocument(event) ? readDocument(event) : readRecording(event);
}

/**
 * Data of a JSON type is the document of structured mode, as a CloudEvents library sends it in binary mode; some leave the
 * content type out.
 */
function isDocument({ attributes, data }: OpenEvent): boolean {
  if (data.kind === 'json') return true;
  const contentType = attributes['datacontenttype'];
  if (typeof contentType === 'string') return isJsonType(contentType);
  return data.kind === 'bytes' ? parseJson(data.bytes) !== undefined : attributes['dataref'] === undefined;
}

function readDocument(event: OpenEvent): Checked<Deposit> {
  const json = jsonData(event, isJsonType);
  if ('path' in json) return { ok: false, faults: [json] };
  const checked = check(DepositData, json.value, 'data');
  return checked.ok ? { ok: true, value: depositOf(checked.value) } : checked;
}

function readRecording({ attributes, data, pathOf }: OpenEvent): Checked<Deposit> {
  const recording = data.kind === 'bytes' ? data.bytes : undefined;
  const faults: Fault[] = [];
  if (recording !== undefined && attributes['dataref'] !== undefined) {
    faults.push({ path: pathOf('dataref'), message: 'must not be there beside a recording' });
  }
  if (recording === undefined && attributes['dataref'] === undefined) {
    faults.push({ path: 'data', message: 'is missing: it is the recording, or dataref names a staged one' });
  }
  const checked = check(CheckedDepositAttributes, asTexts(attributes));
  if (!checked.ok) faults.push(...checked.faults.map((fault) => ({ ...fault, path: pathOf(fault.path) })));
  return checked.ok && faults.length === 0
    ? { ok: true, value: binaryDepositOf(checked.value, recording) }
    : { ok: false, faults };
}

/** Structured mode may write an attribute as a JSON boolean or number (CloudEvents JSON format §2.2). */
function asTexts(attributes: OpenEvent['attributes']): OpenEvent['attributes'] {
  if (Object.values(attributes).every((value) => typeof value === 'string')) return attributes;
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, asText(value)]));
}

const asText = (value: unknown): unknown =>
  typeof value === 'boolean' || typeof value === 'number' ? String(value) : value;
