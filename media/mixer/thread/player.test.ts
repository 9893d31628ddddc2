import { describe, expect, test } from 'vitest';
import { dominantFrequency, sine } from '../../../test/support/tones.ts';
import { Player } from './player.ts';
import type { PlayResult, Sound } from './sounds.ts';

function play(sounds: readonly Sound[], options = {}) {
  const player = new Player(8000);
  const results: PlayResult[] = [];
  player.play(sounds, options, (result) => results.push(result));
  const frames: Int16Array[] = [];
  const take = (count: number) => {
    for (let frame = 0; frame < count; frame += 1) {
      const next = player.next();
      if (next) frames.push(next.slice());
    }
    return Int16Array.from(frames.flatMap((frame) => [...frame]));
  };
  return { player, results, take };
}

describe('a player', () => {
  test('plays sounds one after the other and says when the last was heard', () => {
    const { player, results, take } = play([
      { tones: [440], ms: 200 },
      { silenceMs: 60 },
      { pcm: sine(1000, { ms: 200, sampleRate: 16_000 }), sampleRate: 16_000 },
    ]);
    expect(dominantFrequency(take(10), 8000)).toBeCloseTo(440, -1);
    expect(take(3).subarray(1600)).toEqual(new Int16Array(480));
    take(10);
    expect(results).toEqual([]);
    expect(player.next()).toBeUndefined();
    expect(results).toEqual(['played']);
    expect(player.isPlaying).toBe(false);
  });

  test('plays on and on until it is stopped, also when there is nothing to hear', () => {
    const { player, results, take } = play([{ tones: [425], ms: 30 }], { loop: true });
    expect(take(100)).toHaveLength(16_000);
    player.stop('stopped');
    expect(results).toEqual(['stopped']);
    const nothing = play([{ silenceMs: 0 }, { pcm: new Int16Array(0), sampleRate: 8000 }], { loop: true });
    expect(nothing.take(3)).toHaveLength(0);
    expect(nothing.results).toEqual(['played']);
  });

  test('stops what played before, and goes on in another thread where it was', () => {
    const { player, results, take } = play([{ pcm: sine(440, { ms: 400, sampleRate: 8000 }), sampleRate: 8000 }]);
    const heard = take(5);
    const state = structuredClone(player.state());
    player.play([{ silenceMs: 20 }], {}, () => {});
    expect(results).toEqual(['stopped']);
    const other = new Player(8000);
    if (state) other.goOn(state, () => {});
    const rest = other.next()?.slice();
    expect(heard).toHaveLength(800);
    expect(rest).toEqual(sine(440, { ms: 400, sampleRate: 8000 }).slice(800, 960));
  });
});
