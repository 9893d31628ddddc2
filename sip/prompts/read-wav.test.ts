import { describe, expect, test } from 'vitest';
import { readWav } from './read-wav.ts';

function chunk(id: string, data: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(id, 0, 'latin1');
  head.writeUInt32LE(data.length, 4);
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
}

function format({ encoding = 1, channels = 1, rate = 8000, bits = 16, more = Buffer.alloc(0) } = {}): Buffer {
  const data = Buffer.alloc(16);
  data.writeUInt16LE(encoding, 0);
  data.writeUInt16LE(channels, 2);
  data.writeUInt32LE(rate, 4);
  data.writeUInt16LE(bits, 14);
  return chunk('fmt ', Buffer.concat([data, more]));
}

function file(...chunks: Buffer[]): Buffer {
  return Buffer.concat([Buffer.from('RIFF\0\0\0\0WAVE', 'latin1'), ...chunks]);
}

const sound = chunk('data', Buffer.from([1, 0, 255, 255]));

test('samples are read, whatever other chunks stand about', () => {
  const odd = chunk('LIST', Buffer.from('abc'));
  expect(readWav(file(odd, format(), odd, sound, odd))).toEqual({ pcm: Int16Array.of(1, -1), sampleRate: 8000 });
});

test('the longer way to say PCM is understood', () => {
  const more = Buffer.alloc(24);
  more.writeUInt16LE(1, 8);
  expect(readWav(file(format({ encoding: 0xfffe, more }), sound)).pcm).toHaveLength(2);
});

test('half a sample at the end is left out, and a chunk that promises more than there is ends with the file', () => {
  const promising = Buffer.from(chunk('data', Buffer.from([1, 0, 2])));
  promising.writeUInt32LE(4_000_000_000, 4);
  expect(readWav(file(format(), promising.subarray(0, 11))).pcm).toEqual(Int16Array.of(1));
});

describe('what cannot be read says why', () => {
  test.each([
    ['A-law', file(format({ encoding: 6 }), sound), /not PCM, but of encoding 6/],
    ['eight bits', file(format({ bits: 8 }), sound), /8 bits/],
    ['stereo', file(format({ channels: 2 }), sound), /2 channels/],
    ['no sound', file(format()), /no sound/],
    ['sound before its format', file(sound, format()), /format stands behind/],
    ['a format that is cut off', file(chunk('fmt ', Buffer.alloc(3)), sound), /cut off/],
    ['another file', Buffer.from('ID3'), /no WAV file/],
  ])('%s', (_what, bytes, problem) => {
    expect(() => readWav(bytes)).toThrow(problem);
  });
});
