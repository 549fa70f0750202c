import { z } from 'zod';
import { time } from '../data/fields.ts';

/** RFC 3986 §4.1: the characters of a URI reference, percent signs followed by two hex digits. */
const URI_REFERENCE = /^(?:[A-Za-z0-9._~:/?#[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+$/;

/** The context attributes of every event (CloudEvents 1.0 §3.1); extensions are allowed beside them. `time` is required in this profile. */
export const Attributes = z.looseObject({
  specversion: z.literal('1.0'),
  id: z.string().min(1).max(512),
  source: z.string().min(1).max(2048).regex(URI_REFERENCE, 'must be a URI reference'),
  type: z.string().min(1).max(256),
  time,
  subject: z.string().min(1).max(1024).optional().meta({ description: '<mailbox>/<messageId> where there is one' }),
  datacontenttype: z.string().min(1).max(255).optional(),
});
