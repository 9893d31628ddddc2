import { describe, expect, test } from 'vitest';
import {
  createConnectionId,
  createMessageId,
  createPeerId,
  createSecret,
  createSessionId,
  parseRoomId,
} from './ids.ts';

describe('ids', () => {
  test('tell what they are of, are safe in URLs and are never the same', () => {
    const makers = { p: createPeerId, s: createSessionId, c: createConnectionId, m: createMessageId };
    for (const [letter, make] of Object.entries(makers)) {
      const made = Array.from({ length: 1000 }, () => make());
      expect(new Set<string>(made).size).toBe(1000);
      for (const id of made) expect(id).toMatch(new RegExp(`^${letter}_[\\w-]{12}$`));
    }
  });

  test('secrets have 128 bits', () => {
    expect(createSecret()).toMatch(/^[\w-]{22}$/);
    expect(createSecret()).not.toBe(createSecret());
  });
});

describe('parseRoomId()', () => {
  test.each(['standup', 'a', '7', 'team-blue', 'a.b:c@d_e-f', 'x'.repeat(128)])('takes %s', (text) => {
    expect(parseRoomId(text)).toBe(text);
  });

  test.each(['', '-a', '.', 'two words', 'a/b', 'é', 'a\n', 'x'.repeat(129), 'team-*'])('refuses %j', (text) => {
    expect(parseRoomId(text)).toBeUndefined();
  });
});
