import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRandom } from '../../../test/support/random.ts';
import { checkRequest } from './check-request.ts';
import type { SipMessage } from './message.ts';
import { parseMessage } from './parse-message.ts';
import { formatNameAddr, parseNameAddr } from './parse-name-addr.ts';
import { formatUri, parseUri, type SipUri } from './parse-uri.ts';
import { formatVia, parseVia } from './parse-via.ts';
import { serializeMessage } from './serialize-message.ts';
import { SipHeaders } from './sip-headers.ts';
import { invite } from './testing/sample-messages.ts';

/** Of a failed run: `PARLEY_FUZZ_SEED=… npx vitest run sip/agent/messages`. */
const seed = Number(process.env['PARLEY_FUZZ_SEED'] ?? Date.now() % 2 ** 31);
console.log(`seed ${seed}`);

const letters = (of: string, max = 12) => fc.string({ unit: fc.constantFrom(...of), minLength: 1, maxLength: max });
const word = letters("abcXYZ019-.!%*_+`'~");
const host = fc.oneof(
  letters('abc01', 8).map((name) => `h${name}.example`),
  fc.ipV4(),
  fc.ipV6().filter((text) => !text.includes('.')),
);
/** What a name or a value may be: any text but line ends and control characters, without white space round it. */
const free = fc
  .string({ unit: 'grapheme', maxLength: 30 })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is taken out
  .map((text) => text.replace(/[\u0000-\u001f\u007f]/g, '').trim());

const uri = fc.record({
  scheme: fc.constantFrom('sip' as const, 'sips' as const),
  user: fc.option(
    free.filter((text) => text !== '' && text.isWellFormed()),
    { nil: undefined },
  ),
  host,
  port: fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined }),
  parameters: fc.uniqueArray(
    fc.tuple(
      letters('abc'),
      letters('abcé 1:/', 6).filter((v) => v.trim() === v),
    ),
    { maxLength: 3, selector: ([name]) => name },
  ),
});

test('a URI is what was written', () => {
  fc.assert(
    fc.property(uri, ({ scheme, user, host, port, parameters }) => {
      const made: SipUri = {
        scheme,
        ...(user !== undefined && { user }),
        host,
        ...(port !== undefined && { port }),
        parameters: new Map(parameters),
        headers: new Map(),
      };
      expect(parseUri(formatUri(made))).toEqual(made);
    }),
    { seed, numRuns: 2_000 },
  );
});

test('a Via is what was written', () => {
  fc.assert(
    fc.property(host, word, (sentBy, branch) => {
      const parameters = new Map([
        ['branch', branch],
        ['rport', ''],
      ]);
      const via = { transport: 'UDP', host: sentBy, port: 5060, parameters };
      expect(parseVia(formatVia(via))).toEqual(via);
    }),
    { seed, numRuns: 1_000 },
  );
});

test('an address with a name of any letters is what was written', () => {
  fc.assert(
    fc.property(free, word, (displayName, tag) => {
      const address = { displayName, uri: 'sip:a@b', parameters: new Map([['tag', tag]]) };
      expect(parseNameAddr(formatNameAddr(address))).toEqual(address);
    }),
    { seed, numRuns: 2_000 },
  );
});

const fields = fc.array(fc.tuple(fc.constantFrom('Subject', 'X-Any', 'Via', 'Route', 'Supported', 'From'), free), {
  maxLength: 12,
});
const message: fc.Arbitrary<SipMessage> = fc
  .record({
    request: fc.boolean(),
    method: word,
    status: fc.integer({ min: 100, max: 699 }),
    reason: free,
    fields,
    body: fc.uint8Array({ maxLength: 200 }),
  })
  .map(({ request, method, status, reason, fields: pairs, body }) => {
    const headers = SipHeaders.of(pairs);
    return request
      ? { kind: 'request', method, uri: 'sip:a@b.example', headers, body }
      : { kind: 'response', status, reason, headers, body };
  });

test('a message is what was written', () => {
  fc.assert(
    fc.property(message, (made) => {
      const read = parseMessage(serializeMessage(made));
      if (read.kind === 'fault') throw new Error(read.text);
      read.headers.remove('Content-Length');
      expect({ ...read, headers: [...read.headers], body: [...read.body] }).toEqual({
        ...made,
        headers: [...made.headers],
        body: [...made.body],
      });
    }),
    { seed, numRuns: 3_000 },
  );
});

test('100,000 damaged messages: an answer or nothing for each, never an exception', () => {
  const abilities = { methods: new Set(['INVITE']), options: new Set<string>() };
  const random = createRandom(seed);
  const pieces = [
    '\r\n',
    '\r\n ',
    ': ',
    ';',
    ',',
    '<',
    '>',
    '"',
    '\\',
    '%00',
    '%',
    '@',
    '[',
    ']',
    '\0',
    '\xff',
    'Via',
    'SIP/2.0',
    ' ',
    '9'.repeat(40),
  ];
  const source = invite({
    fields: 'Route: <sip:a;lr>, "b" <sip:c>\nRequire: x\nl: 5\nv: SIP/2.0/TCP h:1;branch=z9hG4bKx',
  });
  const begun = performance.now();
  let kinds = { request: 0, response: 0, fault: 0 };
  for (let run = 0; run < 100_000; run += 1) {
    let bytes = Buffer.from(source);
    for (let change = Math.floor(random() * 4); change >= 0; change -= 1) {
      const at = Math.floor(random() * bytes.length);
      const dice = random();
      if (dice < 0.4) bytes[at] = Math.floor(random() * 256);
      else if (dice < 0.6)
        bytes = Buffer.concat([
          bytes.subarray(0, at),
          Buffer.from(pieces[Math.floor(random() * pieces.length)] ?? '', 'latin1'),
          bytes.subarray(at),
        ]);
      else if (dice < 0.8)
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + Math.floor(random() * 30))]);
      else bytes = bytes.subarray(0, at);
    }
    const read = parseMessage(bytes);
    kinds = { ...kinds, [read.kind]: kinds[read.kind] + 1 };
    if (read.kind === 'request') checkRequest(read, abilities);
  }
  // A damage that changes nothing of the structure is let pass, one that does is found: both are there.
  expect(kinds.request).toBeGreaterThan(5_000);
  expect(kinds.fault).toBeGreaterThan(5_000);
  console.log(`${((performance.now() - begun) / 100).toFixed(1)} µs a message`, kinds);
});
