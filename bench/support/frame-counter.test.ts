import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameCounter } from './frame-counter.ts';

function serverFrame(payload: Buffer, opcode = 1): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 2 : 4);
  head[0] = 0x80 | opcode;
  head[1] = Math.min(length, 126);
  if (length >= 126) head.writeUInt16BE(length, 2);
  return Buffer.concat([head, payload]);
}

test('FrameCounter finds every text and every payload wherever the stream is cut', () => {
  const text = fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 3 }));
  fc.assert(
    fc.property(fc.array(text), fc.integer({ min: 1, max: 50 }), fc.boolean(), (texts, step, wantsPayload) => {
      // 124 bytes behind a mark: a length byte that looks like one.
      const payloads = [...texts, [124, 1] as const].map(([length, marks]) =>
        Buffer.from('|'.repeat(marks) + 'x'.repeat(length)),
      );
      const stream = Buffer.concat(payloads.map((payload) => serverFrame(payload)));
      const seen: string[] = [];
      const counter = new FrameCounter({ onPayload: (payload) => seen.push(payload.toString()) });
      counter.wantsPayload = wantsPayload;
      for (let at = 0; at < stream.length; at += step) counter.push(stream.subarray(at, at + step));

      expect(counter.frames).toBe(payloads.length);
      expect(counter.deliveries).toBe(payloads.join('').split('|').length - 1);
      if (wantsPayload) expect(seen).toEqual(payloads.map(String));
    }),
  );
});
