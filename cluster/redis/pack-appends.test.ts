import { describe, expect, test } from 'vitest';
import { change, newRecord } from '../contract/room.contract.ts';
import { packAppends } from './pack-appends.ts';
import { tagOf } from './tags.ts';

const roomsOf = (call: { rooms: readonly (readonly number[])[] }) => call.rooms.map((places) => [...places]);

describe('packAppends()', () => {
  test('puts records of one room together, in their order', () => {
    const calls = packAppends(
      ['a', 'b', 'a', 'c', 'b'].map((room) => newRecord(room)),
      false,
    );
    expect(calls.map(roomsOf)).toEqual([[[0, 2], [1, 4], [3]]]);
    expect(calls[0]!.args.slice(0, 4)).toEqual(['3', 'a', tagOf('a'), '2']);
  });

  test('makes a call of 64 records or 256 KB at most, one record at least', () => {
    const records = Array.from({ length: 130 }, () => newRecord('a'));
    expect(packAppends(records, false).map((call) => call.rooms[0]!.length)).toEqual([64, 64, 2]);
    const large = Array.from({ length: 3 }, () => newRecord('a', { payload: 'x'.repeat(300_000) }));
    expect(packAppends(large, false)).toHaveLength(3);
    expect(packAppends([], true)).toEqual([]);
  });

  test('split, each call has rooms of one tag', () => {
    const rooms = Array.from({ length: 300 }, (_, at) => `room-${at % 150}`);
    const calls = packAppends(
      rooms.map((room) => newRecord(room)),
      true,
    );
    for (const call of calls) for (const place of call.rooms.flat()) expect(tagOf(rooms[place]!)).toBe(call.tag);
    expect(calls.flatMap((call) => call.rooms.flat()).sort((one, other) => one - other)).toEqual(
      rooms.map((_, at) => at),
    );
    // In the order in which they are to be made.
    for (const room of new Set(rooms)) {
      const places = calls.flatMap((call) => call.rooms.flat()).filter((place) => rooms[place] === room);
      expect(places).toEqual([...places].sort((one, other) => one - other));
    }
  });

  test('hashes that differ stay different, in one line each', () => {
    const lineOf = (contentHash: string) =>
      packAppends([newRecord('a', { contentHash })], false)[0]!.args[7]!.split('\n')[0];
    const hashes = ['', 'abc', 'a\nb', 'a b', '"a\\nb"', '"'];
    const lines = hashes.map(lineOf);
    expect(new Set(lines).size).toBe(hashes.length);
    expect(lineOf('abc')).toBe('abc');
  });

  test('half a surrogate pair is nowhere in what Redis is to read as JSON', () => {
    const half = '\ud83d';
    const record = change(
      'a',
      { kind: 'mark', target: half, key: half, member: half, maxKeys: 1 },
      {
        ...{ sender: half, clientId: half, threadId: half, mentions: [half], searchText: 'x', facts: { [half]: half } },
      },
    );
    expect(packAppends([record], false)[0]!.args.join(' ')).not.toMatch(/\\ud8/);
  });
});
