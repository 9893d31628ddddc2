import { describe, expect, test } from 'vitest';
import { VoiceMeter } from './voice-meter.ts';

describe('a voice', () => {
  test('is heard with its first packet when that is loud, with its second when it is faint, and never as noise', () => {
    expect(new VoiceMeter().add(-38, 0)).toBe(true);

    const faint = new VoiceMeter();
    expect(faint.add(-45, 0)).toBe(false);
    expect(faint.add(-45, 20)).toBe(true);

    const noise = new VoiceMeter();
    for (let atMs = 0; atMs < 1_000; atMs += 20) expect(noise.add(-51, atMs)).toBe(false);
    expect(noise.lastHeardAtMs).toBe(Number.NEGATIVE_INFINITY);
  });

  test('is not heard for two clicks that are far apart', () => {
    const clicks = new VoiceMeter();
    expect(clicks.add(-45, 0)).toBe(false);
    expect(clicks.add(-127, 20)).toBe(false);
    expect(clicks.add(-127, 40)).toBe(false);
    expect(clicks.add(-45, 80)).toBe(false);
  });

  test('is as loud as it speaks after a few packets, and quiet a moment after it stops', () => {
    const meter = new VoiceMeter();
    let atMs = 0;
    for (; atMs < 100; atMs += 20) meter.add(-30, atMs);
    expect(meter.levelAt(atMs)).toBeGreaterThan(-32);
    for (; atMs < 1_000; atMs += 20) meter.add(-127, atMs);
    expect(meter.levelAt(atMs)).toBeLessThan(-55);
  });

  test('is silent when its packets end, as those of an encoder with DTX do', () => {
    const meter = new VoiceMeter();
    for (let atMs = 0; atMs <= 200; atMs += 20) meter.add(-20, atMs);
    expect(meter.levelAt(220)).toBeGreaterThan(-25);
    expect(meter.levelAt(261)).toBe(-60);
    expect(meter.lastHeardAtMs).toBe(200);
  });
});
