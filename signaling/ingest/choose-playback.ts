// What a WHEP player gets: one picture and the sound that goes with it.

import type { ProducerInfo } from '../../proto/gen/types.ts';
import type { IngestRequest } from './ingest-edge.ts';

interface Sender {
  readonly id: string;
  readonly identity: string;
}

export interface PlayableRoom {
  readonly activeSpeaker: Sender | undefined;
  readonly roster: { get(peerId: string): Sender | undefined };
  readonly media: {
    allProducers(): readonly { readonly peerId: string; readonly producer: ProducerInfo }[];
  };
}

export interface Playback {
  /** The playback is over when it ends. */
  readonly main: ProducerInfo;
  readonly sound: ProducerInfo | undefined;
}

/**
 * As asked for; otherwise the newest screen, then the camera of who speaks, then the camera that has been there longest. Without
 * any picture the voice of who speaks, or the first. Undefined: nobody sends any of it.
 */
export function choosePlayback(
  room: PlayableRoom,
  { peer, source }: Pick<IngestRequest, 'peer' | 'source'>,
): Playback | undefined {
  const tracks = room.media.allProducers().filter(({ peerId }) => {
    const sender = room.roster.get(peerId);
    return sender !== undefined && (peer === undefined || peer === sender.id || peer === sender.identity);
  });
  const of = (wanted: ProducerInfo['source']) => tracks.filter(({ producer }) => producer.source === wanted);
  const speaks = ({ peerId }: { readonly peerId: string }) => peerId === room.activeSpeaker?.id;
  const cameras = of('camera');
  const voices = of('microphone');

  const screen = source === 'camera' ? undefined : of('screen').at(-1);
  const camera = source === 'screen' ? undefined : (cameras.find(speaks) ?? cameras[0]);
  const picture = screen ?? camera;
  if (picture === undefined) {
    const voice = source === undefined ? (voices.find(speaks) ?? voices[0]) : undefined;
    return voice && { main: voice.producer, sound: undefined };
  }
  const isOfSame = ({ peerId }: { readonly peerId: string }) => peerId === picture.peerId;
  const own = picture === screen ? of('screen-audio').find(isOfSame) : undefined;
  return { main: picture.producer, sound: (own ?? voices.find(isOfSame))?.producer };
}
