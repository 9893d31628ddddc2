import { expect, test } from 'vitest';
import { answerDirection, isHold, withDirection } from './media-direction.ts';

const sdp = (session: string[], ...media: string[][]) =>
  `${['v=0', 'o=- 7 9 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0', ...session, ...media.flat()].join('\r\n')}\r\n`;
const audio = (...lines: string[]) => ['m=audio 4000 RTP/AVP 0', ...lines];

test.each([
  ['nothing said', sdp([], audio()), false],
  ['sendrecv', sdp([], audio('a=sendrecv')), false],
  ['recvonly', sdp([], audio('a=recvonly')), false],
  ['sendonly', sdp([], audio('a=sendonly')), true],
  ['inactive', sdp([], audio('a=inactive')), true],
  ['sendonly for the session', sdp(['a=sendonly'], audio()), true],
  ['sendonly for the session, sendrecv for the stream', sdp(['a=sendonly'], audio('a=sendrecv')), false],
  ['the zero address', sdp([], audio('c=IN IP4 0.0.0.0')), true],
  ['one of two streams held', sdp([], audio('a=sendonly'), audio()), false],
  ['a stream that is refused beside one that is held', sdp([], audio('a=sendonly'), ['m=video 0 RTP/AVP 96']), true],
  ['no stream', sdp([]), false],
])('hold: %s', (_, text, expected) => {
  expect(isHold(text)).toBe(expected);
  expect(isHold(text.replaceAll('\r\n', '\n'))).toBe(expected);
});

test('another direction is the next version of the same session', () => {
  const held = withDirection(sdp(['a=sendrecv'], audio('a=rtpmap:0 PCMU/8000', 'a=sendrecv'), audio()), 'sendonly');
  expect(held).toContain('o=- 7 10 IN IP4');
  expect(held.match(/a=sendonly\r\n/g)).toHaveLength(2);
  expect(held).not.toContain('sendrecv');
  expect(isHold(held)).toBe(true);
  expect(isHold(withDirection(held, 'sendrecv'))).toBe(false);
});

test.each([
  ['sendonly', 'recvonly'],
  ['recvonly', 'sendonly'],
  ['inactive', 'inactive'],
  ['sendrecv', 'sendrecv'],
])('%s is answered with %s', (offered, answered) => {
  expect(answerDirection(sdp([], audio(`a=${offered}`)))).toBe(answered);
});
