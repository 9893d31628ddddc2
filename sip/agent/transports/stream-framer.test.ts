import fc from 'fast-check';
import { expect, test } from 'vitest';
import { messageLimits } from '../messages/limits.ts';
import { invite } from '../messages/testing/sample-messages.ts';
import { StreamFramer } from './stream-framer.ts';

function frame(limits = messageLimits) {
  const told: string[] = [];
  const framer = new StreamFramer(limits, {
    message: (bytes) => told.push(bytes.toString()),
    ping: () => told.push('ping'),
    pong: () => told.push('pong'),
  });
  return { framer, told };
}

test('messages and keep-alives come out as they went in, however the stream was cut', () => {
  const [one, two] = [invite().toString(), invite({ fields: 'Subject: ü' }).toString()];
  const all = Buffer.from(`${one}\r\n\r\n${two}\r\n${one}`);
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(all.length - 1), { maxLength: 20 }), (cuts) => {
      // Within a keep-alive a cut makes two pongs of a ping: the parts are left whole.
      const ping = Buffer.byteLength(one);
      const places = cuts.filter((cut) => cut <= ping || cut >= ping + 4).sort((a, b) => a - b);
      const { framer, told } = frame();
      let from = 0;
      for (const to of [...places, all.length]) {
        framer.push(all.subarray(from, to));
        from = to;
      }
      expect(told).toEqual([one, 'ping', two, 'pong', one]);
      expect(framer.pending).toBe(0);
    }),
    { numRuns: 300 },
  );
});

test('a message that comes byte by byte is read once', () => {
  const { framer, told } = frame();
  for (const byte of invite()) framer.push(Buffer.from([byte]));
  expect(told).toEqual([invite().toString()]);
});

test.each([
  [
    'without Content-Length',
    invite()
      .toString()
      .replace(/Content-Length: 5\r\n/, ''),
    'no Content-Length',
  ],
  ['with a Content-Length that is no number', invite().toString().replace('h: 5', 'h: five'), 'no Content-Length'],
  ['with a body beyond the limit', invite().toString().replace('h: 5', 'h: 70000'), 'the body is too long'],
  ['with a head that does not end', `INVITE sip:a@b SIP/2.0\r\n${'X: y\r\n'.repeat(20_000)}`, 'the header is too long'],
])('a stream %s cannot be cut', (_, text, why) => {
  const { framer, told } = frame();
  expect(() => framer.push(Buffer.from(text))).toThrow(why);
  expect(told).toEqual([]);
});
