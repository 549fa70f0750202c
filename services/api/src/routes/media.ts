import { openMedia } from '@voicemail/message-store';
import { z } from 'zod';
import { requestedRange } from '../byte-range.ts';
import { callersTenant, type ApiOptions, type App } from '../context.ts';
import { mustRead } from '../message-view.ts';
import type { OpenRecordings } from '../open-recordings.ts';
import { MessageParams } from '../params.ts';
import { HttpProblem } from '../problem.ts';
import { recordingHeaders, streamOf } from '../recording.ts';
import { problems } from '../responses.ts';

const media = '/v1/mailboxes/:mailbox/messages/:messageId/media';
const recording = (description: string) => ({
  description,
  content: { 'audio/*': { schema: z.unknown().meta({ description: 'In its own media type' }) } },
});

/** The recording of a message, whole or a range of it, as it comes from its store. */
export function mediaRoutes(app: App, options: ApiOptions, open: OpenRecordings): void {
  app.get(
    media,
    {
      exposeHeadRoute: false,
      schema: {
        tags: ['messages'],
        summary: 'The recording, whole or one range of its bytes',
        params: MessageParams,
        headers: z.looseObject({ range: z.string().optional(), 'if-range': z.string().optional() }),
        response: {
          200: recording('The recording'),
          206: recording('The bytes that were asked for'),
          ...problems(400, 401, 403, 404, 416, 503),
        },
      },
    },
    async (request, reply) => {
      const { stores } = callersTenant(options);
      const { value: message } = await mustRead(stores, request.params);
      const { size } = message.media;
      const headers = recordingHeaders(message);
      const ifRange = request.headers['if-range'];
      const isWanted = ifRange === undefined || ifRange === headers['etag'];
      const range = requestedRange(isWanted ? request.headers.range : undefined, size);
      if (range === 'unsatisfiable') {
        throw new HttpProblem(416, 'The recording does not have that range.', {
          headers: { 'content-range': `bytes */${size}` },
        });
      }
      const stream = await open.listened(async () => {
        const { body } = await openMedia(stores, message, range ?? undefined);
        return streamOf(body, options.clock);
      });
      reply.headers(headers);
      if (range === null) return reply.code(200).header('content-length', size).send(stream);
      return reply
        .code(206)
        .header('content-length', range.end - range.start + 1)
        .header('content-range', `bytes ${range.start}-${range.end}/${size}`)
        .send(stream);
    },
  );

  // Opened to tell whether it is there, and not read.
  app.head(media, { schema: { hide: true, params: MessageParams } }, async (request, reply) => {
    const { stores } = callersTenant(options);
    const { value: message } = await mustRead(stores, request.params);
    const { body } = await openMedia(stores, message);
    await body[Symbol.asyncIterator]().return?.();
    return reply.headers(recordingHeaders(message)).header('content-length', message.media.size).send();
  });
}
