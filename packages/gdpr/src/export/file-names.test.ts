import { expect, it } from 'vitest';
import { fileNames } from './file-names.ts';

const media = (key: string) => ({ key, contentType: 'audio/wav', size: 1, sha256: '' });
const message = (mailbox: string, messageId: string, extension = 'wav') => ({
  mailbox,
  messageId,
  media: media(`t100/mailboxes/${mailbox}/messages/${messageId}/media.${extension}`),
});

it('gives every file another name, also where capitals do not count', () => {
  const names = fileNames();
  expect(
    [
      message('9876', 'm1'),
      message('9876', 'M1'),
      message('17', 'm1'),
      message('17', 'm1', 'ogg'),
      message('17', 'm1'),
      message('17', '..m'),
      message('17', 'index.html', 'bin'),
    ].map((one) => names.ofMessage(one)),
  ).toEqual(['m1.wav', 'M1~9876.wav', 'm1~17.wav', 'm1.ogg', 'm1~17~2.wav', '..m.wav', 'index.html.bin']);
  expect(names.ofLetter({ id: 'voicemail.deposits-0-7-abc' })).toBe('dead-letters/voicemail.deposits-0-7-abc.record');
});
