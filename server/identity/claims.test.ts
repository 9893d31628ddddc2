import { describe, expect, test } from 'vitest';
import { AppError } from '../../core/errors.ts';
import { readClaims } from './claims.ts';

const valid = { sub: 'ada', exp: 1_700_000_000 };

function complaintAbout(payload: object): string {
  try {
    readClaims(payload as Record<string, unknown>);
  } catch (error) {
    if (error instanceof AppError && error.reason === 'TOKEN_CLAIMS_INVALID') return error.message;
    throw error;
  }
  return 'none';
}

describe('readClaims()', () => {
  test('takes the identity as the name where there is none, and no grants as none', () => {
    expect(readClaims(valid)).toEqual({
      identity: 'ada',
      name: 'ada',
      metadata: '',
      grants: [],
      expiresAtMs: 1_700_000_000_000,
    });
  });

  test('opens publish into its four and drops what is said twice', () => {
    const { grants } = readClaims({
      ...valid,
      grants: [{ room: '*', can: ['publish:audio', 'publish', 'chat', 'chat'] }],
    });
    expect(grants).toEqual([
      { room: '*', can: ['publish:audio', 'publish:video', 'publish:screen', 'publish:data', 'chat'] },
    ]);
  });

  test.each([
    [{ exp: 1 }, 'claim sub is missing'],
    [{ ...valid, sub: '' }, 'claim sub is missing'],
    [{ ...valid, sub: 5 }, 'claim sub is not text'],
    [{ ...valid, sub: 'a\nb' }, 'claim sub has control characters'],
    [{ ...valid, sub: 'a\ud800' }, 'claim sub is not well-formed Unicode'],
    [{ ...valid, name: '\udc00b' }, 'claim name is not well-formed Unicode'],
    [{ ...valid, metadata: '{"a":"\ud800"}' }, 'claim metadata is not well-formed Unicode'],
    [{ ...valid, grants: [{ room: '*', can: [], ['\ud800']: 1 }] }, 'claim grants[0].\ufffd is not known'],
    [
      { ...valid, grants: [{ room: '*', can: [], [`${'x'.repeat(38)}\ud83d\ude00zz`]: 1 }] },
      `.${'x'.repeat(38)}\ufffd…`,
    ],
    [{ ...valid, sub: 'é'.repeat(65) }, 'claim sub is longer than 128 bytes'],
    [{ sub: 'ada' }, 'claim exp is missing: tokens must expire'],
    [{ ...valid, exp: '5' }, 'claim exp is not a time in seconds'],
    [{ ...valid, exp: 1_700_000_000_000 }, 'claim exp is not a time in seconds'],
    [{ ...valid, exp: Number.POSITIVE_INFINITY }, 'claim exp is not a time in seconds'],
    [{ ...valid, name: 'a\u0007b' }, 'claim name has control characters'],
    [{ ...valid, name: 'n'.repeat(129) }, 'claim name is longer than 128 bytes'],
    [{ ...valid, metadata: 'm'.repeat(4097) }, 'claim metadata is longer than 4096 bytes'],
    [{ ...valid, grants: {} }, 'claim grants is not a list'],
    [{ ...valid, grants: Array(65).fill({ room: '*', can: [] }) }, 'claim grants has more than 64 entries'],
    [{ ...valid, grants: ['join'] }, 'claim grants[0] is not an object'],
    [{ ...valid, grants: [{ room: '*', can: [], until: 5 }] }, 'claim grants[0].until is not known'],
    [{ ...valid, grants: [{ room: 'a b', can: [] }] }, 'claim grants[0].room is not a room'],
    [{ ...valid, grants: [{ room: 'a*b', can: [] }] }, 'claim grants[0].room is not a room'],
    [{ ...valid, grants: [{ room: '*', can: 'join' }] }, 'claim grants[0].can is not a list'],
    [
      { ...valid, grants: [{ room: '*', can: Array(33).fill('join') }] },
      'claim grants[0].can has more than 32 entries',
    ],
    [
      { ...valid, grants: [{ room: '*', can: ['join', 'fly'] }] },
      'claim grants[0].can[1] is "fly", not one of publish, join, publish:audio, publish:video, publish:screen, publish:data, subscribe, chat, history, moderate, record',
    ],
  ])('%j: %s', (payload, complaint) => {
    expect(complaintAbout(payload)).toContain(complaint);
  });

  test('repeats at most 40 characters of what it refuses', () => {
    const complaint = complaintAbout({ ...valid, grants: [{ room: '*', can: ['x'.repeat(5000)] }] });
    expect(complaint.length).toBeLessThan(300);
  });
});
