import { describe, expect, it } from 'vitest';
import { plain, table } from './table.ts';

describe('a table', () => {
  it('lines its columns up, numbers at the right', () => {
    const rows = [
      { mailbox: '9876', count: 3 },
      { mailbox: '12', count: 120 },
    ];
    const text = table(
      [
        { title: 'MAILBOX', value: ({ mailbox }) => mailbox },
        { title: 'NEW', value: ({ count }) => String(count), align: 'right' },
      ],
      rows,
    );
    expect(text).toBe('MAILBOX  NEW\n9876       3\n12       120\n');
  });

  it('shows nothing that would move the cursor, colour the terminal or turn the text round', () => {
    expect(plain('a\u001B[31mb\r\nc\u202Ed\u2028e')).toBe('a�[31mb��c�d�e');
  });

  it('leaves letters of every script as they are', () => {
    expect(plain('Zoë 留守電 ✓')).toBe('Zoë 留守電 ✓');
  });
});
