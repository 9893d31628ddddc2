import { expect, test } from 'vitest';
import { createOpusStream, opusRtpParameters } from './opus-stream.ts';

/** The elements of a packet's header extension by id (RFC 8285 section 4.2). */
function readExtensions(packet: Buffer): Map<number, Buffer> {
  expect(packet.readUInt16BE(12)).toBe(0xbede);
  const end = 16 + 4 * packet.readUInt16BE(14);
  const elements = new Map<number, Buffer>();
  for (let at = 16; at < end; ) {
    const head = packet.readUInt8(at);
    if (head === 0) {
      at += 1;
      continue;
    }
    const length = (head & 0x0f) + 1;
    elements.set(head >> 4, packet.subarray(at + 1, at + 1 + length));
    at += 1 + length;
  }
  return elements;
}

test('a packet carries every header extension that its RTP parameters name', () => {
  const packet = createOpusStream({ ssrc: 7 }).next();
  expect(packet.readUInt32BE(8)).toBe(7);
  expect(packet.readUInt8(1)).toBe(opusRtpParameters(7).codecs[0]!.payloadType);
  const extensions = readExtensions(packet);
  expect([...extensions.keys()].sort()).toEqual(
    opusRtpParameters(7)
      .headerExtensions.map(({ id }) => id)
      .sort(),
  );
  expect([...extensions.values()].map((value) => value.length)).toEqual([1, 3, 2, 1]);
});

test('sequence numbers and timestamps go on over their ends', () => {
  const stream = createOpusStream({ ssrc: 0x7ff0 });
  const read = () => {
    const packet = stream.next();
    return { sequence: packet.readUInt16BE(2), timestamp: packet.readUInt32BE(4) };
  };
  let before = read();
  for (let packets = 0; packets < 70_000; packets += 1) {
    const now = read();
    if (((now.sequence - before.sequence) & 0xffff) !== 1 || now.timestamp - before.timestamp !== 960) {
      expect({ before, now }).toBeUndefined();
    }
    before = now;
  }
});
