import { beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../core/fake-clock.ts';
import { silentLogger } from '../../core/log.ts';
import { Traffic } from './traffic.ts';

describe('traffic', () => {
  let clock: FakeClock;
  let traffic: Traffic;

  beforeEach(() => {
    clock = new FakeClock();
    traffic = new Traffic({ clock, log: silentLogger });
  });

  /** A track with counters that a test turns. */
  function watchTrack(direction: 'received' | 'forwarded' = 'received', closesWith: string[] = []) {
    const track = { packets: 0, bytes: 0, reads: 0 };
    const read = async () => {
      track.reads += 1;
      return { packets: track.packets, bytes: track.bytes };
    };
    return { track, forget: traffic.watch({ direction, closesWith, read }) };
  }

  async function refreshLater() {
    clock.advance(5000);
    await traffic.refresh();
  }

  test('adds up what the tracks counted since they were last read', async () => {
    const [up, down] = [watchTrack('received').track, watchTrack('forwarded').track];
    Object.assign(up, { packets: 10, bytes: 1000 });
    await traffic.refresh();
    Object.assign(up, { packets: 15, bytes: 1500 });
    Object.assign(down, { packets: 3, bytes: 300 });
    await refreshLater();
    expect(traffic.received).toEqual({ packets: 15, bytes: 1500 });
    expect(traffic.forwarded).toEqual({ packets: 3, bytes: 300 });
  });

  test('reads no more often than every five seconds, and once for all who ask at once', async () => {
    const { track } = watchTrack();
    await Promise.all([traffic.refresh(), traffic.refresh()]);
    clock.advance(4999);
    await traffic.refresh();
    expect(track.reads).toBe(1);
    clock.advance(1);
    await traffic.refresh();
    expect(track.reads).toBe(2);
  });

  test('reads a thousand tracks in a pass, and the others in the next', async () => {
    const tracks = Array.from({ length: 1500 }, () => watchTrack().track);
    await traffic.refresh();
    expect(tracks.filter(({ reads }) => reads === 1)).toHaveLength(1000);
    await refreshLater();
    expect(tracks.every(({ reads }) => reads >= 1)).toBe(true);
    expect(tracks.reduce((sum, { reads }) => sum + reads, 0)).toBe(2000);
  });

  test('never falls: a stream that starts anew is added from zero, and tracks that end stay counted', async () => {
    const { track, forget } = watchTrack();
    Object.assign(track, { packets: 100, bytes: 9000 });
    await traffic.refresh();
    Object.assign(track, { packets: 5, bytes: 500 });
    await refreshLater();
    expect(traffic.received).toEqual({ packets: 105, bytes: 9500 });
    forget();
    await refreshLater();
    expect(traffic.received).toEqual({ packets: 105, bytes: 9500 });
    expect(track.reads).toBe(2);
  });

  test('reads what closes with a transport or a producer once more, and never again', async () => {
    const { track: up } = watchTrack('received', ['producer', 'ada’s']);
    const { track: down, forget } = watchTrack('forwarded', ['consumer', 'ben’s', 'producer']);
    const { track: other } = watchTrack('forwarded', ['another', 'ben’s']);
    for (const track of [up, down, other]) Object.assign(track, { packets: 7, bytes: 700 });
    traffic.settle('producer');
    traffic.settle('producer');
    traffic.settle('ada’s');
    forget();
    await expect.poll(() => [traffic.received.packets, traffic.forwarded.packets]).toEqual([7, 7]);
    expect([up.reads, down.reads, other.reads]).toEqual([1, 1, 0]);
    await refreshLater();
    expect([up.reads, down.reads, other.reads]).toEqual([1, 1, 1]);
  });

  test('reads sixteen of the many that close with one', () => {
    const tracks = Array.from({ length: 20 }, () => watchTrack('forwarded', ['producer']).track);
    traffic.settle('producer');
    expect(tracks.filter(({ reads }) => reads === 1)).toHaveLength(16);
  });

  test('goes on when a track cannot be read', async () => {
    traffic.watch({ direction: 'received', closesWith: [], read: () => Promise.reject(new Error('closed')) });
    const { track } = watchTrack();
    Object.assign(track, { packets: 1, bytes: 100 });
    await traffic.refresh();
    expect(traffic.received).toEqual({ packets: 1, bytes: 100 });
  });
});
