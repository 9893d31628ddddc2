import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseFloor, type FloorRules, type Voice } from './choose-floor.ts';

const rules: FloorRules = { size: 4, hangOverMs: 1_500, minHoldMs: 600, marginDb: 6, contendMs: 60 };
const nowMs = 100_000;

const speaking = (id: string, levelDbov: number, onFloorSinceMs?: number): Voice => ({
  id,
  levelDbov,
  lastHeardAtMs: nowMs,
  onFloorSinceMs,
});
const silent = (id: string, forMs: number, onFloorSinceMs?: number): Voice => ({
  id,
  levelDbov: -60,
  lastHeardAtMs: nowMs - forMs,
  onFloorSinceMs,
});

describe('the floor', () => {
  test('is for whoever is heard while there is room', () => {
    expect(chooseFloor([speaking('ada', -40), silent('ben', 5_000)], rules, nowMs)).toEqual({
      enter: ['ada'],
      leave: [],
      contested: false,
    });
  });

  test('stays with those who fell silent as long as nobody asks for it', () => {
    const voices = ['a', 'b', 'c', 'd'].map((id) => silent(id, 60_000, 0));
    expect(chooseFloor(voices, rules, nowMs)).toEqual({ enter: [], leave: [], contested: false });
  });

  test('goes from who was silent for longest to who speaks now, at once and whatever the level', () => {
    const voices = [
      silent('a', 2_000, 0),
      silent('b', 9_000, 0),
      speaking('c', -20, 0),
      silent('d', 400, 0),
      speaking('e', -49),
    ];
    expect(chooseFloor(voices, rules, nowMs)).toEqual({ enter: ['e'], leave: ['b'], contested: false });
  });

  test('goes from the quietest of those who speak to one who is clearly louder, and to nobody else', () => {
    const members = [-20, -25, -38, -30].map((level, at) => speaking(`m${at}`, level, 0));
    expect(chooseFloor([...members, speaking('e', -33)], rules, nowMs)).toMatchObject({ enter: [], contested: true });
    expect(chooseFloor([...members, speaking('e', -31)], rules, nowMs)).toMatchObject({ enter: ['e'], leave: ['m2'] });
  });

  test('is not taken from who has just got it', () => {
    const members = [-40, -41, -42, -43].map((level, at) => speaking(`m${at}`, level, nowMs - rules.minHoldMs + 1));
    expect(chooseFloor([...members, speaking('e', -10)], rules, nowMs)).toMatchObject({ enter: [], leave: [] });
  });

  const voice = fc.record({
    levelDbov: fc.integer({ min: -60, max: 0 }),
    silentMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 5_000 }), fc.constant(Number.POSITIVE_INFINITY)),
    floorMs: fc.option(fc.integer({ min: 0, max: 5_000 }), { nil: undefined }),
  });

  test('never has more voices than it has room for, and gives each place to one', () => {
    fc.assert(
      fc.property(fc.array(voice, { maxLength: 30 }), fc.integer({ min: 1, max: 6 }), (made, size) => {
        let places = size;
        const voices = made.map(({ levelDbov, silentMs, floorMs }, at): Voice => {
          const isMember = floorMs !== undefined && places-- > 0;
          return {
            id: `v${at}`,
            levelDbov,
            lastHeardAtMs: nowMs - silentMs,
            onFloorSinceMs: isMember ? nowMs - floorMs : undefined,
          };
        });
        const { enter, leave } = chooseFloor(voices, { ...rules, size }, nowMs);
        const floor = new Set(voices.filter(({ onFloorSinceMs }) => onFloorSinceMs !== undefined).map(({ id }) => id));
        for (const id of leave) expect(floor.delete(id)).toBe(true);
        for (const id of enter) {
          expect(floor.has(id)).toBe(false);
          floor.add(id);
        }
        expect(floor.size).toBeLessThanOrEqual(size);
        for (const { id, lastHeardAtMs, onFloorSinceMs } of voices) {
          const isYoung = onFloorSinceMs !== undefined && nowMs - onFloorSinceMs < rules.minHoldMs;
          if (isYoung && nowMs - lastHeardAtMs <= rules.hangOverMs) expect(leave).not.toContain(id);
        }
        // Who is heard now waits only while all who have the floor may keep it.
        if (floor.size < size) {
          for (const { id, lastHeardAtMs } of voices) if (nowMs - lastHeardAtMs <= 60) expect(floor).toContain(id);
        }
      }),
    );
  });

  /** Lets voices of these levels speak for ten seconds, a packet each 20 ms; answers the changes and who had the floor at the end. */
  function talk(levelsAt: (atMs: number) => readonly number[]): { switches: number; floor: readonly number[] } {
    const since = new Map<number, number>();
    let switches = 0;
    for (let atMs = 0; atMs <= 10_000; atMs += 20) {
      const voices = levelsAt(atMs).map((levelDbov, at) => ({
        id: String(at),
        levelDbov,
        lastHeardAtMs: atMs,
        onFloorSinceMs: since.get(at),
      }));
      const { enter, leave } = chooseFloor(voices, rules, atMs);
      for (const id of leave) since.delete(Number(id));
      for (const id of enter) since.set(Number(id), atMs);
      if (atMs > 0) switches += enter.length;
    }
    return { switches, floor: [...since.keys()] };
  }

  test('does not change hands among voices that are about as loud', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.double({ min: -3, max: 3, noNaN: true })), (jitter) => {
        const { switches } = talk(() => Array.from({ length: 9 }, () => -30 + (jitter.next().value as number)));
        expect(switches).toBe(0);
      }),
      { numRuns: 20 },
    );
  });

  test('is with the loudest one, whoever speaks besides', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: -27 }), { minLength: 4, maxLength: 12 }), (others) => {
        const { floor } = talk(() => [...others, -20]);
        expect(floor).toContain(others.length);
      }),
    );
  });
});
