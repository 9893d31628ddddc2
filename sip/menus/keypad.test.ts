import { beforeEach, describe, expect, test } from 'vitest';
import { MemoryPhonePeer, roomOf } from '../bridge/testing/memory-phone-desk.ts';
import { Keypad } from './keypad.ts';
import { openStage } from './testing/menu-stage.ts';

let stage: Awaited<ReturnType<typeof openStage>>;
let peer: MemoryPhonePeer;
let keypad: Keypad;
let left: number;

beforeEach(async () => {
  stage = await openStage();
  peer = new MemoryPhonePeer({ room: roomOf('board'), identity: 'tel:1', name: 'Ann', number: '1', trunk: 'city' });
  left = 0;
  keypad = new Keypad(stage, {
    leg: stage.leg,
    peer,
    leave: () => {
      left += 1;
    },
  });
});

const press = (digits: string) => stage.leg.press(digits);

describe('keys', () => {
  test('*6 mutes and unmutes', () => {
    press('*6');
    expect([stage.leg.muted, peer.state.muted, stage.leg.said.at(-1)]).toEqual([true, true, 'muted']);
    press('*6');
    expect([stage.leg.muted, peer.state.muted, stage.leg.said.at(-1)]).toEqual([false, false, 'unmuted']);
  });

  test('*5 raises and lowers the hand', () => {
    press('*5');
    expect([peer.handRaised, stage.leg.said.at(-1)]).toEqual([true, 'hand-raised']);
    press('*5');
    expect([peer.handRaised, stage.leg.said.at(-1)]).toEqual([false, 'hand-lowered']);
  });

  test('*7 and *4 change what is heard, to its ends', async () => {
    press('*7');
    expect([stage.leg.volumeDb, stage.leg.said.at(-1)]).toEqual([3, 'louder']);
    press('*7*7*7*7');
    expect([stage.leg.volumeDb, stage.leg.said.at(-1)]).toEqual([12, 'loudest']);
    await stage.pass(10_000);
    press('*4');
    expect([stage.leg.volumeDb, stage.leg.said.at(-1)]).toEqual([9, 'quieter']);
    peer.events.emit('volumeWanted', { db: -17 });
    press('*4*4');
    expect([stage.leg.volumeDb, stage.leg.said.at(-1)]).toEqual([-18, 'quietest']);
  });

  test('*0 says which keys there are', () => {
    press('*0');
    expect(stage.leg.said).toEqual(['help']);
  });

  test('*9 leaves after a goodbye, once', async () => {
    press('*9');
    press('*9');
    expect([stage.leg.said, left]).toEqual([['goodbye'], 0]);
    await stage.pass(3_000);
    expect(left).toBe(1);
    expect(stage.clock.pendingTimers).toBe(0);
  });

  test('*9 leaves though the goodbye does not end', async () => {
    stage.leg.isStuck = true;
    press('*9');
    await stage.pass(3_000);
    expect(left).toBe(1);
  });

  test('are held to a rate: beyond it they do nothing', async () => {
    press('*5'.repeat(100));
    expect(stage.leg.said).toHaveLength(8);
    await stage.pass(2_000);
    press('*5*5*5');
    expect(stage.leg.said).toHaveLength(10);
  });
});

describe('keys for another phone', () => {
  test('are all passed on at once, stars too, and no key is of the menu', () => {
    peer.passesAllKeys = true;
    press('*6#*9*');
    expect([peer.digits.join(''), stage.leg.said, left]).toEqual(['*6#*9*', [], 0]);
    expect(stage.clock.pendingTimers).toBe(0);
  });

  test('come behind a star that waited as they began to be, and keys of the menu afterwards are its own again', () => {
    press('*');
    peer.passesAllKeys = true;
    press('6');
    expect(peer.digits).toEqual(['*', '6']);
    peer.passesAllKeys = false;
    press('*6');
    expect([peer.digits.length, peer.state.muted]).toEqual([2, true]);
  });

  test('are held to the rate of all digits', () => {
    peer.passesAllKeys = true;
    press('1'.repeat(1_000));
    expect(peer.digits).toHaveLength(50);
  });
});

describe('other digits', () => {
  test('go to the room in their order', () => {
    press('12#AD');
    expect(peer.digits).toEqual(['1', '2', '#', 'A', 'D']);
    expect(stage.leg.said).toEqual([]);
  });

  test('behind a star that begins no key go there with it', () => {
    press('*1**2*#6');
    expect(peer.digits).toEqual(['*', '1', '*', '*', '2', '*', '#', '6']);
  });

  test('are held to a rate: of a flood the rest goes nowhere', async () => {
    press('7'.repeat(1_000));
    expect(peer.digits).toHaveLength(50);
    await stage.pass(1_000);
    press('7'.repeat(1_000));
    expect(peer.digits).toHaveLength(62);
  });

  test('a star alone goes there after three seconds', async () => {
    press('*');
    expect(peer.digits).toEqual([]);
    await stage.pass(3_000);
    expect(peer.digits).toEqual(['*']);
    press('6');
    expect(peer.digits).toEqual(['*', '6']);
  });
});

describe('what others do is told to the caller', () => {
  test('being in the room, and whether one is muted', () => {
    keypad.welcome();
    press('*6');
    keypad.welcome();
    expect(stage.leg.said).toEqual(['room-entered', 'muted', 'room-entered-muted']);
  });

  test('a moderator’s mute is ended by *6, without another word of it', () => {
    peer.events.emit('mutedByModerator', { muted: true, locked: false });
    expect(peer.state.muted).toBe(true);
    press('*6');
    peer.events.emit('mutedByModerator', { muted: false, locked: false });
    expect([stage.leg.muted, peer.state.muted]).toEqual([false, false]);
    expect(stage.leg.said).toEqual(['muted-by-moderator', 'unmuted']);
  });

  test('a moderator’s lock is not ended by *6', () => {
    peer.events.emit('mutedByModerator', { muted: true, locked: true });
    press('*6');
    expect(peer.state.muted).toBe(true);
    expect(stage.leg.said).toEqual(['muted-by-moderator', 'mute-locked']);
    peer.events.emit('mutedByModerator', { muted: true, locked: false });
    press('*6');
    expect(peer.state.muted).toBe(false);
    expect(stage.leg.said.slice(2)).toEqual(['unlocked-by-moderator', 'unmuted']);
  });

  test('a lock of a room that was left does not hold in the next one', () => {
    peer.events.emit('mutedByModerator', { muted: true, locked: true });
    peer.events.emit('moved', {});
    press('*6');
    expect(stage.leg.said.at(-1)).toBe('unmuted');
  });

  test('wishes of moderators', () => {
    peer.events.emit('unmuteRequested', {});
    peer.events.emit('handLowered', {});
    peer.events.emit('muteWanted', { muted: true });
    expect(stage.leg.said).toEqual(['unmute-asked', 'hand-lowered-by-moderator', 'muted']);
  });
});

test.each([
  ['it is closed', () => keypad.close()],
  ['its leg is lost', () => stage.leg.events.emit('closed', {})],
  ['its peer has left', () => peer.events.emit('left', { reason: 'removed' })],
])('after %s it does nothing', async (_when, end) => {
  press('*');
  end();
  keypad.close();
  press('6*9');
  peer.events.emit('unmuteRequested', {});
  keypad.welcome();
  await stage.pass(5_000);
  expect([stage.leg.said, peer.digits, left]).toEqual([[], [], 0]);
  expect(stage.clock.pendingTimers).toBe(0);
});
