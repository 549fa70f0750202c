import { expect, it } from 'vitest';
import { messageSummary } from './message-summary.ts';

it('a message summary is that of RFC 3842, with an account only where there is a SIP domain', () => {
  const counts = { new: 3, old: 1, urgentNew: 1, urgentOld: 0 };
  expect(messageSummary('9876', counts, 'voice.example.com')).toBe(
    'Messages-Waiting: yes\r\nMessage-Account: sip:9876@voice.example.com\r\nVoice-Message: 3/1 (1/0)\r\n',
  );
  expect(messageSummary('9876', { ...counts, new: 0, urgentNew: 0 }, null)).toBe(
    'Messages-Waiting: no\r\nVoice-Message: 0/1 (0/0)\r\n',
  );
});
