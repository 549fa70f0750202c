import { extname } from 'node:path/posix';
import type { Metadata } from '@voicemail/domain';
import type { DeadLetterDocument } from '@voicemail/message-store';

export const INDEX_JSON = 'index.json';
export const INDEX_HTML = 'index.html';

/** Names of the files of one package: each is given once, also where the file system that it is unpacked on knows no capitals. */
export interface FileNames {
  /** The message id with the ending of its media type: `m1.wav`; with its mailbox too where another has that name: `m1~9876.wav`. */
  ofMessage(message: Pick<Metadata, 'mailbox' | 'messageId' | 'media'>): string;
  ofLetter(letter: Pick<DeadLetterDocument, 'id'>): string;
  /** Of the recording that was staged for a rejected record. */
  ofStaged(letter: Pick<DeadLetterDocument, 'id'>, stagedKey: string): string;
}

export function fileNames(): FileNames {
  const given = new Set([INDEX_JSON, INDEX_HTML]);
  /** "~" is in no message id, so nothing else is called like this. */
  const unique = (candidates: (attempt: number) => string): string => {
    for (let attempt = 0; ; attempt += 1) {
      const name = candidates(attempt);
      if (given.has(name.toLowerCase())) continue;
      given.add(name.toLowerCase());
      return name;
    }
  };
  return {
    ofMessage: ({ mailbox, messageId, media }) =>
      unique((attempt) => {
        const which = attempt === 0 ? '' : attempt === 1 ? `~${mailbox}` : `~${mailbox}~${attempt}`;
        return `${messageId}${which}${extname(media.key)}`;
      }),
    ofLetter: ({ id }) => unique((attempt) => ofLetter(id, attempt, '.record')),
    // What a publisher calls it may say who called: its ending alone is told.
    ofStaged: ({ id }, key) =>
      unique((attempt) => ofLetter(id, attempt, /^\.[a-z0-9]{1,8}$/i.test(extname(key)) ? extname(key) : '.media')),
  };
}

const ofLetter = (id: string, attempt: number, ending: string): string =>
  `dead-letters/${id}${attempt === 0 ? '' : `~${attempt}`}${ending}`;
