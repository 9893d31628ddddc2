import { expect, test } from 'vitest';
import { bencode, stringIn } from './rtpengine.ts';

test('a message is bencoded with its keys in order, and strings of an answer are found', () => {
  const message = bencode({ sdp: 'v=0\r\n', command: 'offer', codec: { transcode: ['PCMU'], mask: ['opus'] } });
  expect(message).toBe('d5:codecd4:maskl4:opuse9:transcodel4:PCMUee7:command5:offer3:sdp5:v=0\r\ne');
  const answer = bencode({ result: 'ok', sdp: 'v=0\r\nm=audio 7000 RTP/AVP 0\r\n' });
  expect(stringIn(answer, 'sdp')).toBe('v=0\r\nm=audio 7000 RTP/AVP 0\r\n');
  expect(stringIn(answer, 'warning')).toBeUndefined();
  expect(stringIn('', 'result')).toBeUndefined();
  expect(stringIn('d6:resulti5ee', 'result')).toBeUndefined();
});
