import { expect, test } from 'vitest';
import { withUnnamedSounds } from './unnamed-sounds.ts';

const session = 'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\n';
const audio = (ssrc: string) => `m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n${ssrc}a=rtcp-mux\r\n`;
const video = 'm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=ssrc-group:FID 1 2\r\na=ssrc:1 cname:x\r\na=ssrc:2 cname:x\r\n';

test('sounds lose the names of their streams, and nothing else is changed', () => {
  const named = audio('a=ssrc-group:FID 3 4\r\na=ssrc:3 cname:x\r\na=ssrc:4 cname:x\r\n');
  expect(withUnnamedSounds(session + named + video + named)).toBe(session + audio('') + video + audio(''));
  expect(withUnnamedSounds(session + video)).toBe(session + video);
  expect(withUnnamedSounds('no description')).toBe('no description');
});
