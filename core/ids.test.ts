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
    const makers = { p: createPeerId, s: createSessionId, c: createConnectionId };
    for (const [letter, make] of Object.entries(makers)) {
      const made = Array.from({ length: 1000 }, () => make());
      expect(new Set<string>(made).size).toBe(1000);
      for (const id of made) expect(id).toMatch(new RegExp(`^${letter}_[\\w-]{12}$`));
    }
  });

  test('of messages sort by the time of their making, and are never the same', () => {
    const times = [0, 1, 63, 64, 4095, 1_700_000_000_000, 1_700_000_000_001, 2 ** 42 - 1];
    const made = times.map((nowMs) => createMessageId(nowMs));
    expect([...made].sort()).toEqual(made);
    for (const id of made) expect(id).toMatch(/^m_[\w-]{21}$/);
    expect(new Set(Array.from({ length: 1000 }, () => createMessageId(5))).size).toBe(1000);
    expect(createMessageId() > createMessageId(1_700_000_000_000)).toBe(true);
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
