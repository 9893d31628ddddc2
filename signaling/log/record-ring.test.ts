import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LogRecord } from '../../proto/gen/types.ts';
import { maxRingBytes, maxRingRecords, RecordRing, sizeOf } from './record-ring.ts';

const base = { messageId: 'before', atMs: 1, identity: 'ada', name: 'Ada', clientId: '' };

function message(seq: number, text: string): LogRecord {
  return {
    ...base,
    seq,
    messageId: `m${seq}`,
    kind: 'message',
    message: { text, mentions: [], reactions: [], changedSeq: 0 },
  };
}

function edited(seq: number, target: number, text: string): LogRecord {
  return { ...base, seq, messageId: `m${seq}`, kind: 'edited', targetId: `m${target}`, text };
}

function deleted(seq: number, target: number): LogRecord {
  return { ...base, seq, messageId: `m${seq}`, kind: 'deleted', targetId: `m${target}` };
}

function reaction(seq: number, target: number, identity: string): LogRecord {
  return {
    ...base,
    seq,
    messageId: `m${seq}`,
    identity,
    kind: 'reaction',
    targetId: `m${target}`,
    reaction: { emoji: '👍', on: true },
  };
}

const all = { maxRecords: 1_000, maxBytes: Number.POSITIVE_INFINITY };

describe('the newest records', () => {
  test('hold no text that was edited away', () => {
    const ring = new RecordRing({ seq: 0, messageId: '' });
    ring.push(message(1, 'first'));
    for (const [seq, text] of [
      [2, 'second'],
      [3, 'third'],
      [4, 'fourth'],
    ] as const)
      ring.push(edited(seq, 1, text));
    const texts = ring.after(0, all).records.map(({ message, text }) => message?.text ?? text);
    expect(texts).toEqual(['fourth', undefined, undefined, 'fourth']);
    ring.push(deleted(5, 1));
    expect(JSON.stringify(ring.after(0, all))).not.toMatch(/first|second|third|fourth/);
  });

  test('are counted as they are now, and stay within their bounds, whatever changes them', () => {
    const change = fc.record({
      kind: fc.constantFrom('message', 'edited', 'deleted', 'reaction'),
      back: fc.integer({ min: 1, max: 30 }),
      size: fc.constantFrom(1, 100, 16_000),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 200 }), (changes) => {
        const ring = new RecordRing({ seq: 0, messageId: '' });
        let seq = 0;
        for (const { kind, back, size } of changes) {
          seq += 1;
          const target = Math.max(seq - back, 1);
          const text = 'x'.repeat(size);
          if (kind === 'message') ring.push(message(seq, text));
          else if (kind === 'edited') ring.push(edited(seq, target, text));
          else if (kind === 'deleted') ring.push(deleted(seq, target));
          else ring.push(reaction(seq, target, `reader-${size}`));
          const { records, bytes } = ring.after(ring.base.seq, all);
          expect(bytes).toBe(records.reduce((sum, record) => sum + sizeOf(record), 0));
          expect(ring.bytes).toBe(bytes);
          expect(records.length).toBeLessThanOrEqual(maxRingRecords);
          expect(bytes).toBeLessThanOrEqual(maxRingBytes);
        }
      }),
      { numRuns: 50 },
    );
  });
});
