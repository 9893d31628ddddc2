import { describe, expect, test } from 'vitest';
import { createPeerId } from '../core/ids.ts';
import { Mutes } from './mutes.ts';

describe('mutes', () => {
  const [ada, ben] = [createPeerId(), createPeerId()];

  test('are kept by peer and source', () => {
    const mutes = new Mutes();
    mutes.set(ada, 'microphone', 'locked');
    mutes.set(ada, 'camera', 'muted');
    expect(mutes.get(ada, 'microphone')).toBe('locked');
    expect(mutes.get(ada, 'camera')).toBe('muted');
    expect(mutes.get(ada, 'screen')).toBe('none');
    expect(mutes.get(ben, 'microphone')).toBe('none');
  });

  test('end when they are lifted and when their peer is forgotten', () => {
    const mutes = new Mutes();
    mutes.set(ada, 'microphone', 'locked');
    mutes.set(ada, 'microphone', 'none');
    expect(mutes.get(ada, 'microphone')).toBe('none');
    mutes.set(ada, 'microphone', 'muted');
    mutes.set(ben, 'microphone', 'muted');
    mutes.forget(ada);
    expect(mutes.get(ada, 'microphone')).toBe('none');
    expect(mutes.get(ben, 'microphone')).toBe('muted');
  });
});
