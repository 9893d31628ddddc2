import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { checkRequest } from './check-request.ts';
import { spellHeaderName } from './header-names.ts';
import { parseMessage } from './parse-message.ts';
import { invite } from './testing/sample-messages.ts';

const abilities = { methods: new Set(['INVITE']), options: new Set<string>() };

function read(bytes: Uint8Array) {
  const message = parseMessage(bytes);
  if (message.kind === 'request') checkRequest(message, abilities);
  return message;
}

const lists = ['Via', 'Route', 'Record-Route', 'Contact'];
const one = (name: string) => (name === 'Via' ? 'SIP/2.0/UDP a' : '<sip:a>');

describe('what is made to take long', () => {
  // Each of these took a time that grows with the square of its length, seconds for one datagram.
  test.each([
    ['white space in the first line', Buffer.from(`A${' '.repeat(60_000)}x\r\nX: y\r\n\r\n`)],
    ['words in the first line', Buffer.from(`A${' x'.repeat(30_000)}\r\nX: y\r\n\r\n`)],
    ['a first line that ends nowhere', Buffer.from(`INVITE ${'sip:a '.repeat(10_000)}`)],
    ['lines that go on', invite({ fields: `X: a${'\n b'.repeat(15_000)}` })],
    ['lines that go on with nothing', invite({ fields: `X: a${'\n '.repeat(20_000)}` })],
    ['quotation marks', invite({ fields: `Contact: ${'"\\'.repeat(4_000)}` })],
    ['brackets', invite({ fields: `Route: ${'<'.repeat(8_000)}` })],
    ['dots', invite({ line: `INVITE sip:${'a.'.repeat(4_000)}! SIP/2.0` })],
    ['escapes', invite({ line: `INVITE sip:${'%41'.repeat(2_700)}@a SIP/2.0` })],
    [
      'a list in each field',
      invite({
        fields: Array(7)
          .fill(`Record-Route: ${'<sip:a>,'.repeat(1_000)}`)
          .join('\n'),
      }),
    ],
  ])('%s', (_, bytes) => {
    const begun = performance.now();
    for (let run = 0; run < 20; run += 1) read(bytes);
    // Some 20 ms each at most; the square is 40 s in all.
    expect(performance.now() - begun).toBeLessThan(8_000);
  });
});

test('a Request-URI that is longer than any header field may be is refused with 414', () => {
  const message = parseMessage(invite({ line: `INVITE sip:${'a'.repeat(9_000)}@b SIP/2.0` }));
  expect(message).toMatchObject({ kind: 'fault', answer: { status: 414 } });
});

test.each(lists)('more %s than there may be hops are refused, as many as there may be are not', (name) => {
  const verdict = (count: number) => {
    // In the sample there is one of each but Route and Record-Route.
    const there = name === 'Via' || name === 'Contact' ? 1 : 0;
    const list = Array(count - there)
      .fill(one(name))
      .join(',');
    const message = parseMessage(invite({ fields: `${name}: ${list}` }));
    if (message.kind !== 'request') throw new Error('it could not be read');
    return checkRequest(message, abilities)?.reason;
  };
  expect(verdict(70)).toBeUndefined();
  expect(verdict(71)).toBe(`Too Many ${name}`);
});

test('names that nobody knows keep nothing of the messages that they came in', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const rest = Array.from({ length: 7 }, () => `Y: ${'y'.repeat(8_000)}`).join('\n');
  const take = (from: number) => {
    for (let at = from; at < from + 400; at += 1) read(invite({ fields: `X-Of-Nobody-${at}: x\n${rest}` }));
    collect();
    return process.memoryUsage().heapUsed;
  };
  // 400 names with the text round them are 22 MB.
  const before = take(0);
  expect(take(400) - before).toBeLessThan(11 * 2 ** 20);
  expect(spellHeaderName('x-of-nobody-1')).toBe('X-Of-Nobody-1');
});
