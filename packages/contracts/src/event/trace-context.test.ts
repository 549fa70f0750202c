import { expect, test } from 'vitest';
import { traceContext } from './trace-context.ts';

const A = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const B = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00';

test('the record’s own trace comes before that of the event, and is taken whole', () => {
  expect(traceContext({ traceparent: A }, { traceparent: B, tracestate: 'b=1' })).toEqual({ traceparent: A });
  expect(traceContext({}, { traceparent: B, tracestate: 'b=1' })).toEqual({ traceparent: B, tracestate: 'b=1' });
});

test.each([
  '',
  'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  A.toUpperCase(),
  `${A}\n`,
  A.replace(/0af.{29}/, '0'.repeat(32)),
  5,
])('a trace that is not well-formed (%j) is left out', (traceparent) => {
  expect(traceContext({}, { traceparent, tracestate: 'a=1' })).toEqual({});
});
