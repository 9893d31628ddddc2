import { describe, expect, test } from 'vitest';
import { partitionOf, partitions, roomChannel, slotOf, tagOf, tagOfPartition } from './tags.ts';

describe('tags', () => {
  test('slots are those of Redis Cluster', () => {
    // As CLUSTER KEYSLOT answers.
    expect(slotOf('123456789')).toBe(12739);
    expect(slotOf('a{123456789}b')).toBe(12739);
    expect(slotOf('{}123')).not.toBe(slotOf('123'));
    expect(slotOf('foo{{bar}}zap')).toBe(slotOf('{bar'));
  });

  test('each partition has a tag of its own, in a range of slots of its own', () => {
    const slots = Array.from({ length: partitions }, (_, at) => slotOf(`{${tagOfPartition(at)}}`));
    expect(slots.map((slot) => Math.floor(slot / 128))).toEqual(slots.map((_, at) => at));
  });

  test('rooms are spread evenly', () => {
    const counts = new Array<number>(partitions).fill(0);
    for (let room = 0; room < 12_800; room++) counts[partitionOf(`room-${room}`)]! += 1;
    expect(Math.min(...counts)).toBeGreaterThan(50);
    expect(Math.max(...counts)).toBeLessThan(170);
  });

  test('a room keeps its place', () => {
    expect(tagOf('lobby')).toBe(tagOf('lobby'));
    expect(roomChannel('parley', 'lobby')).toBe(`parley:{${tagOf('lobby')}}:ch:lobby`);
  });
});
