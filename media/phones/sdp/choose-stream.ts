import type { PhoneCodec } from '../../mixer/codecs/voice-codec.ts';
import { whyUnreached } from './address-family.ts';
import type { CryptoLine } from './crypto-line.ts';
import { chooseKey, type SrtpPolicy } from './keys.ts';
import { isVoice, type VoiceFormat } from './leg-formats.ts';
import type { PhoneAudio, PhoneStream } from './read-phone-sdp.ts';

export interface ChosenStream {
  readonly place: number;
  readonly stream: PhoneStream;
  readonly audio: PhoneAudio;
  readonly voice: VoiceFormat;
  /** By which they send; undefined: plain. */
  readonly line: CryptoLine | undefined;
}

export interface StreamWishes {
  /** Of the stream that the call has now, if there is one. */
  readonly place: number | undefined;
  /** What is spoken now: it stays as long as it is offered, whatever else is. */
  readonly codec: PhoneCodec | undefined;
  readonly codecs: readonly PhoneCodec[];
  readonly srtp: SrtpPolicy;
  /** As PhoneSessionOptions have it. */
  readonly listenIp?: string | undefined;
}

/** The call's own stream where it still can be used, or else the first that can. */
export function chooseStream(streams: readonly PhoneStream[], wishes: StreamWishes): ChosenStream | undefined {
  const usable = streams
    .map((stream, place) => usableOf(stream, place, wishes))
    .filter((choice): choice is ChosenStream => choice !== undefined && !('problem' in choice));
  return usable.find(({ place }) => place === wishes.place) ?? usable[0];
}

/** Why there is no stream to choose: of the first audio that is open. */
export function whyNone(
  streams: readonly PhoneStream[],
  wishes: Pick<StreamWishes, 'codecs' | 'srtp' | 'listenIp'>,
): string {
  const open = streams.filter(({ kind, port }) => kind === 'audio' && port !== 0);
  const [first] = open.map((stream) => usableOf(stream, 0, { ...wishes, place: undefined, codec: undefined }));
  if (first === undefined) return open.length === 0 ? 'it offers no audio' : 'its audio is not of RTP/AVP or RTP/SAVP';
  return 'problem' in first ? first.problem : 'it offers no audio';
}

/** Undefined: no audio that was read. */
function usableOf(
  stream: PhoneStream,
  place: number,
  { codec, codecs, srtp, listenIp }: StreamWishes,
): ChosenStream | { readonly problem: string } | undefined {
  const { audio } = stream;
  if (audio === undefined) return undefined;
  const unreached = whyUnreached(audio.ip, listenIp);
  if (unreached !== undefined) return { problem: unreached };
  const voices = audio.formats.filter(isVoice);
  const order = codec !== undefined && codecs.includes(codec) ? [codec, ...codecs] : codecs;
  const voice = order
    .map((name) => voices.find((format) => format.name === name))
    .find((format) => format !== undefined);
  if (voice === undefined) return { problem: `it has none of the codecs ${codecs.join(', ')}` };
  const key = chooseKey(audio, srtp);
  return 'problem' in key ? key : { place, stream, audio, voice, line: key.line };
}
