import { expect, test } from 'vitest';
import { netChanges, type RosterChange } from './roster-changes.ts';

const joined = (member: string): RosterChange<string, string> => ({ member, leftFor: undefined });
const left = (member: string, leftFor = 'left'): RosterChange<string, string> => ({ member, leftFor });

test('netChanges() of nothing is nothing', () => {
  expect(netChanges([], 0)).toEqual({ joined: [], left: [] });
});

test('netChanges() leaves out who joined and left again', () => {
  expect(netChanges([joined('ada'), joined('bob'), left('ada')], 0)).toEqual({ joined: ['bob'], left: [] });
});

test('netChanges() tells who left, and why, when the join was seen before', () => {
  expect(netChanges([joined('ada'), joined('bob'), left('ada', 'lost')], 2)).toEqual({
    joined: [],
    left: [{ member: 'ada', reason: 'lost' }],
  });
});

test('netChanges() keeps the order of joining', () => {
  expect(netChanges([joined('ada'), joined('bob'), left('ada'), joined('cy')], 0).joined).toEqual(['bob', 'cy']);
});
