import { describe, expect, test } from 'vitest';
import { grantsIn, publishGrantOf, requireGrant } from './grants.ts';

describe('grantsIn()', () => {
  test('of a room that no grant names is empty', () => {
    expect(grantsIn('standup', [{ room: 'stand', can: ['join'] }])).toEqual(new Set());
  });

  test('takes an exact room for that room alone', () => {
    const grants = [{ room: 'team', can: ['join'] as const }];
    expect(grantsIn('team', grants)).toEqual(new Set(['join']));
    expect(grantsIn('team-red', grants)).toEqual(new Set());
  });

  test('takes a prefix for every room that starts so', () => {
    const grants = [{ room: 'team-*', can: ['join'] as const }];
    expect(grantsIn('team-red', grants)).toEqual(new Set(['join']));
    expect(grantsIn('team-', grants)).toEqual(new Set(['join']));
    expect(grantsIn('team', grants)).toEqual(new Set());
  });

  test('takes a star for all rooms', () => {
    expect(grantsIn('anything', [{ room: '*', can: ['chat'] }])).toEqual(new Set(['chat']));
  });

  test('unites everything that matches', () => {
    const grants = grantsIn('team-red', [
      { room: '*', can: ['join'] },
      { room: 'team-*', can: ['chat', 'join'] },
      { room: 'team-red', can: ['moderate'] },
      { room: 'team-blue', can: ['publish:audio'] },
    ]);
    expect(grants).toEqual(new Set(['join', 'chat', 'moderate']));
  });

  test('treats a star in the middle of a name as a letter', () => {
    expect(grantsIn('a-b', [{ room: 'a*b', can: ['join'] }])).toEqual(new Set());
  });
});

test('requireGrant() names the grant that is missing', () => {
  expect(() => requireGrant(new Set(['join']), 'chat')).toThrow('The token does not grant chat in this room.');
  expect(() => requireGrant(new Set(['chat']), 'chat')).not.toThrow();
});

test('publishGrantOf() covers a screen’s sound by publish:screen', () => {
  expect(publishGrantOf('microphone')).toBe('publish:audio');
  expect(publishGrantOf('camera')).toBe('publish:video');
  expect(publishGrantOf('screen')).toBe('publish:screen');
  expect(publishGrantOf('screen-audio')).toBe('publish:screen');
});
