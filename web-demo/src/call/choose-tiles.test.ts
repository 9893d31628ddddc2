import { describe, expect, test } from 'vitest';
import type { Person } from '../state/roster.ts';
import { chooseTiles } from './choose-tiles.ts';

function person(peerId: string, changes: Partial<Person> = {}): Person {
  return {
    peerId,
    identity: peerId,
    name: peerId,
    self: false,
    away: false,
    chatOnly: false,
    handRaised: false,
    phone: undefined,
    sends: new Map(),
    ...changes,
  };
}

const others = ['a', 'b', 'c', 'd', 'e'].map((id) => person(id));
const everyone = [...others, person('me', { self: true })];

function shown(speaker: string | undefined, limit: number): string {
  return chooseTiles(everyone, speaker, limit)
    .shown.map(({ peerId }) => peerId)
    .join(' ');
}

describe('chooseTiles()', () => {
  test('everybody is shown while there is space', () => {
    expect(chooseTiles(everyone, undefined, 6)).toEqual({ shown: everyone, hidden: 0 });
  });

  test('beyond the limit those who came first are shown, and oneself', () => {
    expect(shown(undefined, 4)).toBe('a b c me');
    expect(chooseTiles(everyone, undefined, 4).hidden).toBe(2);
  });

  test('whoever speaks is shown, and nobody else moves', () => {
    expect(shown('e', 4)).toBe('a b e me');
    expect(shown('b', 4)).toBe('a b c me');
  });

  test('a single place goes to another person', () => {
    expect(shown('d', 1)).toBe('d');
  });

  test('those who only write have no tile', () => {
    expect(
      chooseTiles([person('x', { chatOnly: true }), person('me', { self: true })], undefined, 9).shown,
    ).toHaveLength(1);
  });
});
