import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ViewWish } from './view-wish.ts';

const small = { width: 320, height: 180, hidden: false };
const large = { width: 1280, height: 720, hidden: false };
const hidden = { width: 0, height: 0, hidden: true };

let told: unknown[];
let wish: ViewWish;

beforeEach(() => {
  vi.useFakeTimers();
  told = [];
  wish = new ViewWish(() => {
    told.push(wish.due);
    wish.told(wish.due);
  });
  return () => wish.close();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('how a track is shown', () => {
  it('is told once it has settled for 200 ms, the last of it', () => {
    wish.set(small);
    vi.advanceTimersByTime(150);
    wish.set(large);
    vi.advanceTimersByTime(199);
    expect(told).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(told).toEqual([large]);
  });

  it('is told at once when it is seen again', () => {
    wish.told(hidden);
    wish.set(small);
    expect(told).toEqual([small]);
  });

  it('is not told when it is as the server knows it', () => {
    wish.set(small);
    vi.advanceTimersByTime(200);
    wish.set(large);
    wish.set(small);
    vi.advanceTimersByTime(1_000);
    expect(told).toEqual([small]);
  });

  it('is due for as long as the server was not told', () => {
    const failing = new ViewWish(() => {});
    failing.set(small);
    expect(failing.due).toBeUndefined();
    vi.advanceTimersByTime(200);
    expect([failing.due, failing.due]).toEqual([small, small]);
    failing.told(small);
    expect(failing.due).toBeUndefined();
  });
});
