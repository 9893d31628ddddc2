import { describe, expect, test } from 'vitest';
import { createPeerId } from '../core/ids.ts';
import type { TrackSource } from './media.ts';
import { Mutes, sharesLock } from './mutes.ts';

const [phone, laptop, bens] = [createPeerId(), createPeerId(), createPeerId()];
const ada = (source: TrackSource, peerId = phone) => ({ peerId, owner: 'ada', source });
const ben = (source: TrackSource) => ({ peerId: bens, owner: 'ben', source });

describe('mutes', () => {
  test('are of one peer and source', () => {
    const mutes = new Mutes();
    mutes.mute(ada('microphone'));
    expect(mutes.get(ada('microphone'))).toBe('muted');
    for (const other of [ada('screen-audio'), ada('camera'), ada('microphone', laptop), ben('microphone')]) {
      expect(mutes.get(other)).toBe('none');
    }
  });

  test('end when they are lifted and when their peer is forgotten', () => {
    const mutes = new Mutes();
    mutes.mute(ada('microphone'));
    mutes.unmute(ada('microphone'));
    expect(mutes.get(ada('microphone'))).toBe('none');
    mutes.mute(ada('microphone'));
    mutes.mute(ben('microphone'));
    mutes.forget(phone);
    expect(mutes.get(ada('microphone'))).toBe('none');
    expect(mutes.get(ben('microphone'))).toBe('muted');
  });
});

describe('locks', () => {
  test('are of an owner, whichever peer it has, and outlive the peer', () => {
    const mutes = new Mutes();
    mutes.lock(ada('camera'));
    mutes.forget(phone);
    expect(mutes.get(ada('camera', laptop))).toBe('locked');
    expect(mutes.get(ada('screen', laptop))).toBe('none');
    expect(mutes.get(ben('camera'))).toBe('none');
    mutes.unlock(ada('camera', laptop));
    expect(mutes.get(ada('camera'))).toBe('none');
  });

  test.each([
    ['microphone', 'screen-audio'],
    ['screen-audio', 'microphone'],
  ] as const)('of a %s are locks of a %s', (source, other) => {
    const mutes = new Mutes();
    mutes.lock(ada(source));
    expect(mutes.get(ada(other))).toBe('locked');
    expect(sharesLock(ada(source), ada(other, laptop))).toBe(true);
    expect(sharesLock(ada(source), ben(other))).toBe(false);
    mutes.unlock(ada(other));
    expect(mutes.get(ada(source))).toBe('none');
  });

  test('leave a mute behind when they are lifted', () => {
    const mutes = new Mutes();
    mutes.mute(ada('microphone'));
    mutes.lock(ada('microphone'));
    mutes.unlock(ada('microphone'));
    expect(mutes.get(ada('microphone'))).toBe('muted');
  });

  test('of more owners than the bound are forgotten, the one that was set longest ago first', () => {
    const mutes = new Mutes({ maxLockedOwners: 2 });
    for (const owner of ['first', 'second', 'first', 'third']) mutes.lock({ ...ada('camera'), owner });
    const locked = ['first', 'second', 'third'].map((owner) => mutes.get({ ...ada('camera'), owner }));
    expect(locked).toEqual(['locked', 'none', 'locked']);
  });
});
