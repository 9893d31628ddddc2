import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StallWatch } from './stall-watch.ts';

let frames: number | undefined;
let isExpected: boolean;
let stalls: number;
let watch: StallWatch;

beforeEach(() => {
  vi.useFakeTimers();
  frames = 10;
  isExpected = true;
  stalls = 0;
  watch = new StallWatch({
    framesDecoded: async () => frames,
    isExpected: () => isExpected,
    onStalled: () => {
      stalls += 1;
    },
  });
});
afterEach(() => {
  watch.close();
  vi.useRealTimers();
});

describe('a picture', () => {
  it('that stands for three seconds is said to, and again after three more', async () => {
    await vi.advanceTimersByTimeAsync(3_000);
    expect(stalls).toBe(0);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(stalls).toBe(1);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(stalls).toBe(2);
  });

  it('that moves is not', async () => {
    for (let second = 0; second < 10; second += 1) {
      frames = second;
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(stalls).toBe(0);
  });

  it('that nobody shows, or of which nothing came yet, is not', async () => {
    isExpected = false;
    await vi.advanceTimersByTimeAsync(10_000);
    isExpected = true;
    frames = undefined;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(stalls).toBe(0);
  });

  it('is given its three seconds when it is shown again', async () => {
    await vi.advanceTimersByTimeAsync(2_000);
    isExpected = false;
    await vi.advanceTimersByTimeAsync(5_000);
    isExpected = true;
    await vi.advanceTimersByTimeAsync(3_000);
    expect(stalls).toBe(0);
  });
});
