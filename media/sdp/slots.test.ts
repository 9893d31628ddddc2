import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { vp8Parameters } from '../../test/support/rtp-parameters.ts';
import { OfferSlots } from './slots.ts';

const trackOf = (producerId: string) => ({ rtpParameters: vp8Parameters(), streamId: 'stream', trackId: producerId });

describe('OfferSlots', () => {
  test('gives a producer one section, and an idle one of its kind to the next', () => {
    const slots = new OfferSlots();
    expect([slots.assign('a', 'audio'), slots.assign('b', 'video'), slots.assign('a', 'audio')]).toEqual([
      '0',
      '1',
      '0',
    ]);
    slots.sections(trackOf);
    slots.release('b');
    expect(slots.sections(trackOf).map(({ send, idle }) => [send !== undefined, idle?.length])).toEqual([
      [true, undefined],
      [false, 2],
    ]);
    expect(slots.assign('c', 'audio')).toBe('2');
    expect(slots.assign('d', 'video')).toBe('1');
  });

  test('opens a section that the client refused under another mid', () => {
    const slots = new OfferSlots();
    slots.assign('a', 'video');
    slots.assign('b', 'video');
    slots.sections(trackOf);
    slots.refuse('1');
    expect(slots.sections(trackOf)[1]).toMatchObject({ mid: '1', send: undefined, idle: undefined });
    expect(slots.assign('c', 'video')).toBe('2');
    expect(slots.sections(trackOf).map(({ mid }) => mid)).toEqual(['0', '2']);
  });

  test('offers a section once its producer has a track, and not before', () => {
    const slots = new OfferSlots();
    slots.assign('late', 'video');
    slots.assign('early', 'video');
    expect(slots.sections((id) => (id === 'early' ? trackOf(id) : undefined)).map(({ mid }) => mid)).toEqual(['1']);
    expect(slots.sections(trackOf).map(({ mid }) => mid)).toEqual(['1', '0']);
  });

  test('refuses one more than its limit', () => {
    const slots = new OfferSlots(2);
    slots.assign('a', 'audio');
    slots.assign('b', 'audio');
    expect(() => slots.assign('c', 'audio')).toThrow(expect.objectContaining({ reason: 'TOO_MANY_MEDIA_OBJECTS' }));
    slots.sections(trackOf);
    slots.release('a');
    expect(slots.assign('c', 'audio')).toBe('0');
  });

  test('never loses, reorders or doubles a section, whatever comes and goes', () => {
    const step = fc.record({
      act: fc.constantFrom('assign', 'release', 'refuse', 'offer'),
      producer: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const slots = new OfferSlots();
        let kindsBefore: string[] = [];
        for (const { act, producer } of steps) {
          if (act === 'assign') slots.assign(producer, producer < 'd' ? 'audio' : 'video');
          else if (act === 'release') slots.release(producer);
          else if (act === 'refuse') slots.refuse(slots.sections(trackOf)[0]?.mid ?? '');
          const sections = slots.sections(trackOf);
          const kinds = sections.map(({ kind }) => kind);
          expect(kinds.slice(0, kindsBefore.length)).toEqual(kindsBefore);
          kindsBefore = kinds;
          expect(new Set(sections.map(({ mid }) => mid)).size).toBe(sections.length);
          const sent = sections.flatMap(({ send }) => (send ? [send.trackId] : []));
          expect(new Set(sent).size).toBe(sent.length);
          expect(sections.length).toBeLessThanOrEqual(6);
        }
      }),
    );
  });
});
