import { beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../core/fake-clock.ts';
import type { PeerId } from '../../core/ids.ts';
import type { TrackSource } from '../media.ts';
import { HeardSpeakers } from './heard-speakers.ts';

const voice = (producerId: string, source: TrackSource = 'microphone') => ({
  producerId,
  source,
  peerId: producerId.split('/')[0] as PeerId,
});

describe('who speaks', () => {
  let clock: FakeClock;
  let speakers: HeardSpeakers;
  let told: (readonly string[])[];
  const [ada, ben, eve] = [voice('ada'), voice('ben'), voice('eve')];

  beforeEach(() => {
    clock = new FakeClock();
    told = [];
    speakers = new HeardSpeakers({ clock, onChanged: (peerIds) => told.push(peerIds) });
  });
  const hear = (...levels: readonly (readonly [ReturnType<typeof voice>, number])[]) =>
    speakers.hear(levels.map(([from, levelDbov]) => ({ ...from, levelDbov })));

  test('is told with the loudest first, and again only when others speak', () => {
    hear([ada, -20], [ben, -30]);
    clock.advance(500);
    hear([ben, -10], [ada, -20]);
    clock.advance(500);
    hear([eve, -15], [ben, -20], [ada, -30]);
    expect(told).toEqual([
      ['ada', 'ben'],
      ['eve', 'ben', 'ada'],
    ]);
  });

  test('is nobody soon after the last one fell silent, though nothing is said of that', () => {
    hear([ada, -20]);
    clock.advance(899);
    expect(told).toEqual([['ada']]);
    clock.advance(1);
    expect(told).toEqual([['ada'], []]);
    expect(clock.pendingTimers).toBe(0);
  });

  test('is a person once, and by the microphone', () => {
    hear([voice('ada/1'), -20], [voice('ada/2'), -25], [voice('ben', 'screen-audio'), -10]);
    expect(told).toEqual([['ada']]);
  });

  test('is not who was muted or left', () => {
    hear([ada, -20], [ben, -30]);
    speakers.forget(ada.producerId);
    speakers.forget(eve.producerId);
    expect(told).toEqual([['ada', 'ben'], ['ben']]);
  });

  test('stands over routers that speak of their own voices in turn', () => {
    for (let round = 0; round < 4; round += 1) {
      hear([ada, -20]);
      clock.advance(250);
      hear([ben, -30]);
      clock.advance(250);
    }
    expect(told).toEqual([['ada'], ['ada', 'ben']]);
  });

  test('is eight people at most', () => {
    hear(...Array.from({ length: 12 }, (_, at) => [voice(`p${at}`), -20 - at] as const));
    expect(told).toEqual([['p0', 'p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'p7']]);
  });
});
