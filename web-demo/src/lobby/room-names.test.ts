import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRoomName, pathOfRoom, roomOfPath, toRoomName } from './room-names.ts';

/** The contract's pattern and limit of a room's name. */
const accepted = /^[A-Za-z0-9][A-Za-z0-9_.:@-]{0,127}$/;

describe('room names', () => {
  test('createRoomName() makes names that the server takes', () => {
    for (let round = 0; round < 200; round += 1) expect(createRoomName()).toMatch(/^[a-z]+-[a-z]+-[a-z]+$/);
  });

  test('toRoomName() keeps what a person meant', () => {
    expect(toRoomName(' Team Röck! ')).toBe('Team-Rock');
    expect(toRoomName('--stand up--')).toBe('stand-up--');
    expect(toRoomName('日本')).toBe('');
  });

  test('toRoomName() gives nothing, or a name that the server takes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (typed) => {
        const room = toRoomName(typed);
        expect(room === '' || accepted.test(room)).toBe(true);
      }),
    );
  });

  test('a room survives the way through the page’s address', () => {
    for (const room of ['calm-river-otter', 'a:b@c.d_e']) expect(roomOfPath(pathOfRoom(room))).toBe(room);
  });

  test('an address that names no room gives none', () => {
    for (const path of ['/', '/r/', '/r/%', '/other/room', '/r/a/b']) expect(roomOfPath(path)).toBeUndefined();
  });
});
