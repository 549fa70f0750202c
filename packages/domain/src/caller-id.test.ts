import fc from 'fast-check';
import { getCountries, getExampleNumber, type CountryCode } from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import { describe, expect, test } from 'vitest';
import { callerIdForms, canonicalCallerId, isCountry } from './caller-id.ts';

describe('a canonical caller id', () => {
  test.each([
    '(555) 121-2000',
    '555.121.2000',
    '1-555-121-2000',
    '+15551212000',
    '+1 555 121 2000',
    ' +1 (555) 121 2000 ',
    'tel:+1-555-121-2000',
    'TEL:+1-555-121-2000;phone-context=example.com',
    'tel:555-121-2000;phone-context=+1',
    'sip:+15551212000@host',
    'sip:+15551212000@192.0.2.7:5060;user=phone',
    'sip:+15551212000;ext=12@host;transport=tls?subject=hello',
    'sips:+15551212000:secret@host',
    'SIP:%2B15551212000@host',
    'sip:5551212000',
    'sip:+15551212000;transport=udp',
    '"A Name" <sip:+15551212000@host>;tag=12',
    'A Name <sip:+15551212000@host>',
    '"Zoë Müller" <sip:+15551212000@host>',
    '"Zoë <b>日本</b>" <sip:+15551212000@host>;tag=12',
    '"a \\" <b" <sip:+15551212000@host>',
    '"a \\\\"<sip:+15551212000@host>',
    '"a <sip:+15551212000@host>',
    '<sip:+15551212000@host>;note="<a>"',
    '+15551212000@192.0.2.7',
    '+1 555 121 2000 ext. 12',
    '011 1 555 121 2000',
  ])('%s is the one caller +15551212000 for a US tenant', (raw) => {
    expect(canonicalCallerId(raw, 'US')).toBe('+15551212000');
  });

  test.each([
    null,
    '',
    '   ',
    'anonymous',
    'Anonymous',
    'sip:anonymous@anonymous.invalid',
    'sips:Anonymous@example.com;user=phone',
    '"Anonymous" <sip:anonymous@anonymous.invalid>',
    'sip:unavailable@unknown.invalid',
    'unknown',
    'RESTRICTED',
    'unavailable',
    'private',
    'sip:@host',
    'tel:',
  ])('of an anonymous caller (%j) there is none', (raw) => {
    expect(canonicalCallerId(raw, 'US')).toBeNull();
  });

  test.each([
    ['12345 67890 12345 67890', '12345678901234567890', 'too long for E.164'],
    ['5', '5', 'too short for E.164'],
    ['+999 12-34', '+9991234', 'international, of no country'],
  ])('of a number that does not parse (%s) is its digits', (raw, form) => {
    expect(canonicalCallerId(raw, 'US')).toBe(form);
  });

  test.each([
    ['sip:Alice@Example.com', 'alice'],
    ['Alice', 'alice'],
    ['sip:alice7@host', 'alice7'],
    ['alice@example.com', 'alice@example.com'],
    ['sip:100%@host', '+1100'],
  ])('of %s is %s', (raw, form) => {
    expect(canonicalCallerId(raw, 'US')).toBe(form);
  });

  test('of two names that share a digit differs', () => {
    expect(canonicalCallerId('sip:alice7@host', 'US')).not.toBe(canonicalCallerId('sip:bob7@host', 'US'));
  });

  test('of a national number is read for the tenant’s country', () => {
    expect(canonicalCallerId('030 123456', 'DE')).toBe('+4930123456');
    expect(canonicalCallerId('030 123456', 'XX')).toBe('030123456');
  });

  test.each(getCountries())('is one for all notations of the example number of %s', (country: CountryCode) => {
    const number = getExampleNumber(country, examples);
    if (number === undefined) throw new Error(`libphonenumber has no example for ${country}`);
    const uri = number.getURI();
    const forms = [
      number.formatNational(),
      number.formatInternational(),
      number.number,
      uri,
      `sip:${number.number}@host.example;user=phone`,
      `sip:${encodeURIComponent(number.number)}@host.example`,
      `sips:${number.nationalNumber}@192.0.2.1:5061`,
      `<${uri}>`,
    ].map((raw) => canonicalCallerId(raw, country));
    expect(new Set(forms)).toEqual(new Set([number.number]));
  });
});

describe('for any text', () => {
  const countries = fc.constantFrom('US', 'DE', 'GB', 'IT', 'AR', 'MX', 'BR', 'CI', 'XX', '');
  const numberLike = fc
    .array(fc.constantFrom(...'0123456789+-() .;:@%*#x', 'sip:', 'tel:', '%2B', ';ext='), { maxLength: 24 })
    .map((parts) => parts.join(''));
  const anyText = fc.oneof(fc.string({ unit: 'binary', maxLength: 128 }), numberLike, fc.string());

  test('canonicalising never throws, and a canonical form is its own canonical form', () => {
    fc.assert(
      fc.property(anyText, countries, (raw, country) => {
        const form = canonicalCallerId(raw, country);
        expect(canonicalCallerId(form, country)).toBe(form);
      }),
      { numRuns: 3_000 },
    );
  });

  test('an E.164 form is the same whatever the default country', () => {
    fc.assert(
      fc.property(numberLike, countries, countries, (raw, country, other) => {
        const form = canonicalCallerId(raw, country);
        if (form?.startsWith('+')) expect(canonicalCallerId(form, other)).toBe(form);
      }),
      { numRuns: 3_000 },
    );
  });

  test('letter case and what surrounds a SIP user never matter', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9+.-]{1,20}$/), countries, (user, country) => {
        const form = canonicalCallerId(`sip:${user}@host.example;user=phone`, country);
        expect(canonicalCallerId(` SIPS:${user.toUpperCase()}@other.example `, country)).toBe(form);
      }),
    );
  });
});

describe('the forms a caller may be stored under', () => {
  test('hold one for each country that reads the number otherwise, the present one first', () => {
    expect(callerIdForms('030 123456', 'DE', ['US', 'DE', 'AT'])).toEqual([
      '+4930123456',
      '+1030123456',
      '+4330123456',
    ]);
  });

  test('are one for an international number, and none for an anonymous caller', () => {
    expect(callerIdForms('+15551212000', 'DE', ['US', 'GB'])).toEqual(['+15551212000']);
    expect(callerIdForms('anonymous', 'DE', ['US'])).toEqual([]);
  });
});

test('countries are those that libphonenumber knows, in capitals', () => {
  expect([isCountry('US'), isCountry('us'), isCountry('XX'), isCountry('')]).toEqual([true, false, false, false]);
});
