import { Readable } from 'node:stream';
import { openMedia } from '@voicemail/message-store';
import { z } from 'zod';
import { requestedRange } from '../byte-range.ts';
import { callersTenant, type ApiOptions, type App } from '../context.ts';
import { MessageParams } from '../params.ts';
import { HttpProblem } from '../problem.ts';
import { problems } from '../responses.ts';
import { mustRead } from './messages.ts';

const Recording = z.unknown().meta({ description: 'The recording, in its own media type' });

/** The recording of a message, whole or a range of it, as it comes from its store. */
export function mediaRoutes(app: App, options: ApiOptions): void {
  app.get(
    '/v1/mailboxes/:mailbox/messages/:messageId/media',
    {
      schema: {
        tags: ['messages'],
        summary: 'The recording; takes Range',
        params: MessageParams,
        response: { 200: Recording, 206: Recording, ...problems(400, 401, 403, 404, 416, 503) },
      },
    },
    async (request, reply) => {
      const { stores } = callersTenant(options);
      const { value: message } = await mustRead(stores, request.params);
      const { size, contentType, sha256 } = message.media;
      const tag = `"${sha256}"`;
      const ifRange = request.headers['if-range'];
      const header = ifRange === undefined || ifRange === tag ? request.headers.range : undefined;
      const range = requestedRange(header, size);
      if (range === 'unsatisfiable') {
        throw new HttpProblem(416, 'The recording does not have that range.', {
          headers: { 'content-range': `bytes */${size}` },
        });
      }
      const { body } = await openMedia(stores, message, range ?? undefined);
      const length = range === null ? size : range.end - range.start + 1;
      return reply
        .code(range === null ? 200 : 206)
        .headers({
          'accept-ranges': 'bytes',
          'cache-control': 'private, no-store',
          'content-disposition': `inline; filename="${message.media.key.split('/').at(-1)?.replace('media', message.messageId)}"`,
          'content-length': length,
          'content-type': contentType,
          etag: tag,
          'x-content-type-options': 'nosniff',
          ...(range === null ? {} : { 'content-range': `bytes ${range.start}-${range.end}/${size}` }),
        })
        .send(Readable.from(body, { objectMode: false }));
    },
  );
}
