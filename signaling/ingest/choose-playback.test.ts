import { describe, expect, test } from 'vitest';
import type { ProducerInfo } from '../../proto/gen/types.ts';
import { choosePlayback, type PlayableRoom } from './choose-playback.ts';

type Sent = readonly [peerId: string, source: ProducerInfo['source']];

function roomOf(tracks: readonly Sent[], activeSpeaker?: string): PlayableRoom {
  const sender = (id: string) => ({ id, identity: `identity of ${id}` });
  return {
    activeSpeaker: activeSpeaker === undefined ? undefined : sender(activeSpeaker),
    roster: { get: (peerId) => (peerId === 'gone' ? undefined : sender(peerId)) },
    media: {
      allProducers: () =>
        tracks.map(([peerId, source]) => ({
          peerId,
          producer: {
            producerId: `${peerId} ${source}`,
            kind: source === 'camera' || source === 'screen' ? 'video' : 'audio',
            source,
            paused: false,
            muted: false,
            locked: false,
            encrypted: false,
          },
        })),
    },
  };
}

const call: readonly Sent[] = [
  ['ada', 'microphone'],
  ['ada', 'camera'],
  ['ben', 'camera'],
  ['ben', 'microphone'],
];
const shared: readonly Sent[] = [...call, ['cleo', 'screen'], ['cleo', 'microphone'], ['dan', 'screen']];

function chosen(room: PlayableRoom, wish: { peer?: string; source?: 'camera' | 'screen' } = {}) {
  const playback = choosePlayback(room, { peer: wish.peer, source: wish.source });
  return playback && [playback.main.producerId, playback.sound?.producerId];
}

describe('choosePlayback()', () => {
  test('takes the newest screen, with its sound where it has one, else with its owner’s voice', () => {
    expect(chosen(roomOf(shared))).toEqual(['dan screen', undefined]);
    expect(chosen(roomOf(shared), { peer: 'cleo' })).toEqual(['cleo screen', 'cleo microphone']);
    expect(chosen(roomOf([...shared, ['dan', 'screen-audio']]))).toEqual(['dan screen', 'dan screen-audio']);
  });

  test('takes the camera of who speaks, else the first one', () => {
    expect(chosen(roomOf(call))).toEqual(['ada camera', 'ada microphone']);
    expect(chosen(roomOf(call, 'ben'))).toEqual(['ben camera', 'ben microphone']);
    expect(chosen(roomOf(shared, 'ben'), { source: 'camera' })).toEqual(['ben camera', 'ben microphone']);
  });

  test('takes a voice where there is no picture, unless a picture was asked for', () => {
    const voices = roomOf([
      ['ada', 'microphone'],
      ['ben', 'microphone'],
    ]);
    expect(chosen(voices)).toEqual(['ada microphone', undefined]);
    expect(chosen(voices, { peer: 'identity of ben' })).toEqual(['ben microphone', undefined]);
    expect(chosen(voices, { source: 'camera' })).toBeUndefined();
  });

  test('finds nothing of who is not there, or has left', () => {
    expect(chosen(roomOf(call), { peer: 'nobody' })).toBeUndefined();
    expect(chosen(roomOf([['gone', 'camera']]))).toBeUndefined();
  });
});
