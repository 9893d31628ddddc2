import { expect, test } from 'vitest';
import { DirectVoices, readLevels } from './direct-voices.ts';

test('whoever speaks is told once, the loudest first, and a pause between words is none', () => {
  const voices = new DirectVoices();
  expect(voices.add(new Map([['ada', 0.2]]), 0)).toEqual(['ada']);
  expect(voices.add(new Map([['ada', 0.3]]), 400)).toBeUndefined();
  expect(voices.add(new Map([['ada', 0]]), 900)).toBeUndefined();
  const both = new Map([
    ['ada', 0.1],
    ['bob', 0.4],
  ]);
  expect(voices.add(both, 1_200)).toEqual(['bob', 'ada']);
  expect(voices.add(new Map([['ada', 0.001]]), 2_300)).toEqual([]);
});

test('levels are those of sounds, sent and received', () => {
  const report = new Map<string, object>([
    ['1', { type: 'inbound-rtp', kind: 'audio', trackIdentifier: 'their sound', audioLevel: 0.5 }],
    ['2', { type: 'media-source', kind: 'audio', trackIdentifier: 'own sound', audioLevel: 0.25 }],
    ['3', { type: 'inbound-rtp', kind: 'video', trackIdentifier: 'their picture' }],
    ['4', { type: 'inbound-rtp', kind: 'audio', trackIdentifier: 'not told' }],
  ]);
  expect([...readLevels(report as unknown as RTCStatsReport)]).toEqual([
    ['their sound', 0.5],
    ['own sound', 0.25],
  ]);
});
