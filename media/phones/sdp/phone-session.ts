import { randomInt } from 'node:crypto';
import type { PhoneCodec } from '../../mixer/codecs/voice-codec.ts';
import { refuseSdp } from '../../sdp/sdp-values.ts';
import { whyUnreached } from './address-family.ts';
import { chooseStream, whyNone } from './choose-stream.ts';
import type { CryptoLine } from './crypto-line.ts';
import { isHeldBy, meet } from './direction.ts';
import { keysOf, matchKey, OwnKeys, type SrtpPolicy } from './keys.ts';
import { isVoice, packetMs, receivedOf, remoteOf, sentOf } from './leg-formats.ts';
import type { LegDirection, LegMedia } from './leg-media.ts';
import { PayloadTypes } from './payload-types.ts';
import type { SdpFormat } from './read-formats.ts';
import { readPhoneSdp } from './read-phone-sdp.ts';
import {
  type WrittenAudio,
  type WrittenRefusal,
  writeAudio,
  writeOrigin,
  writeRefusal,
  writeSession,
} from './write-phone-sdp.ts';

export interface PhoneSessionOptions {
  /** Ours, as the other side reaches it: IPv4 or IPv6. */
  readonly address: string;
  /** What the socket listens on: what it cannot reach is refused. Nothing is, where it is left out. */
  readonly listenIp?: string | undefined;
  readonly port: number;
  /** For those who do not multiplex. */
  readonly rtcpPort: number;
  /** In the order of preference; at least one. */
  readonly codecs: readonly PhoneCodec[];
  readonly srtp: SrtpPolicy;
  /** RFC 3389, where the other side can do it. */
  readonly comfortNoise: boolean;
  /** What we ask for; 20 by default. */
  readonly ptimeMs?: number | undefined;
}

export interface OfferOptions {
  /** Nothing of us is heard, and nothing is taken; as it is when it is left out. Holds from the answer on. */
  readonly hold?: boolean | undefined;
}

/** What both sides know since the last answer. Replaced as a whole, so that a refusal leaves it as it was. */
interface Agreement {
  /** Every stream that was ever described, in its place (RFC 3264 section 8). */
  readonly streams: readonly WrittenRefusal[];
  /** Which of them is the call's. */
  readonly place: number;
  readonly protocol: string;
  readonly heldByUs: boolean;
  readonly media: LegMedia;
}

interface Offer extends Pick<Agreement, 'streams' | 'place' | 'protocol' | 'heldByUs'> {
  readonly formats: readonly SdpFormat[];
  readonly crypto: readonly CryptoLine[];
  /** Its keys stand beside plain RTP. */
  readonly mayBePlain: boolean;
}

const defaultPtimeMs = 20;

/** The offers and answers of one leg (RFC 3264). Pure: what they say is for others to do. */
export class PhoneSession {
  readonly #options: PhoneSessionOptions;
  readonly #keys = new OwnKeys();
  /** RFC 8866 section 5.2 wants 64 bits at most; some phones read 32. */
  readonly #id = String(randomInt(1, 2 ** 31));
  #types = new PayloadTypes();
  #agreed: Agreement | undefined;
  #offered: Offer | undefined;
  #version = 0;
  #lastBody = '';

  constructor(options: PhoneSessionOptions) {
    this.#options = options;
  }

  /** What is agreed on now; undefined before the first answer. */
  get media(): LegMedia | undefined {
    return this.#agreed?.media;
  }

  get heldByUs(): boolean {
    return this.#agreed?.heldByUs ?? false;
  }

  /** The first offer, or another one of a session that stands. One that is refused changes nothing. */
  makeOffer({ hold = this.heldByUs }: OfferOptions = {}): string {
    const { srtp } = this.#options;
    const agreed = this.#agreed;
    const isSecret = agreed === undefined ? srtp !== 'never' : agreed.media.srtp !== undefined;
    const protocol = agreed?.protocol ?? (srtp === 'required' ? 'RTP/SAVP' : 'RTP/AVP');
    const formats = this.#offeredFormats();
    const own: WrittenRefusal = { kind: 'audio', protocol, formats: typesOf(formats) };
    const place = agreed?.place ?? 0;
    const offer: Offer = {
      streams: agreed?.streams.with(place, own) ?? [own],
      place,
      protocol,
      heldByUs: hold,
      formats,
      crypto: isSecret ? this.#keys.offer(agreed?.media.srtp?.suite) : [],
      mayBePlain: agreed === undefined && srtp === 'optional',
    };
    this.#offered = offer;
    return this.#write(offer, { ...offer, rtcpMux: true, direction: wishOf(hold) });
  }

  /** To the last offer that was made, as often as answers come: early, of other forks, final. @throws {AppError} SDP_REFUSED */
  readAnswer(text: string): LegMedia {
    const offer = this.#offered ?? refuseSdp('nothing was offered that it could answer');
    const stream = readPhoneSdp(text).streams[offer.place];
    if (stream === undefined || stream.kind !== 'audio') refuseSdp('it does not answer the audio that was offered');
    if (stream.port === 0) refuseSdp('it declines the audio');
    const { audio } = stream;
    if (audio === undefined) return refuseSdp('it answers by another protocol than was offered');

    const unreached = whyUnreached(audio.ip, this.#options.listenIp);
    if (unreached !== undefined) return refuseSdp(unreached);
    const answered = audio.formats.filter((format) => offer.formats.some((own) => isSame(own, format)));
    const voice = answered.find(isVoice) ?? refuseSdp('it has none of the codecs that were offered');
    const key = matchKey(audio, offer.crypto, offer.mayBePlain);
    if ('problem' in key) return refuseSdp(key.problem);

    const isReachable = audio.ip !== undefined;
    const media: LegMedia = {
      ...sentOf(voice, answered),
      remote: remoteOf(audio, stream.port, true),
      // They send by our numbers (RFC 3264 section 5.1), some by their own.
      receive: receivedOf(
        offer.formats.filter((own) => answered.some((format) => isSame(own, format))),
        answered,
      ),
      direction: meet(wishOf(offer.heldByUs), audio.direction, isReachable),
      held: isHeldBy(audio.direction, isReachable),
      ptimeMs: packetMs(audio, this.#ptimeMs),
      srtp: keysOf(key.line, this.#keys, offer.crypto),
    };
    const { streams, place, heldByUs } = offer;
    this.#agreed = { streams, place, protocol: stream.protocol, heldByUs, media };
    this.#keys.agree(media.srtp);
    return media;
  }

  /** @throws {AppError} SDP_REFUSED, and the session is what it was. */
  answerOffer(text: string): { readonly sdp: string; readonly media: LegMedia } {
    const { streams } = readPhoneSdp(text);
    const chosen = chooseStream(streams, {
      place: this.#agreed?.place,
      codec: this.#agreed?.media.codec,
      codecs: this.#options.codecs,
      srtp: this.#options.srtp,
      listenIp: this.#options.listenIp,
    });
    if (chosen === undefined) return refuseSdp(whyNone(streams, this.#options));
    const { place, stream, audio, voice, line } = chosen;

    const isReachable = audio.ip !== undefined;
    const direction = meet(wishOf(this.heldByUs), audio.direction, isReachable);
    const formats = this.#options.comfortNoise ? audio.formats : audio.formats.filter(({ name }) => name !== 'CN');
    const sent = sentOf(voice, formats);
    const numbers = [sent.payloadType, sent.dtmf?.payloadType, sent.cn?.payloadType];
    const answered = formats.filter(({ payloadType }) => numbers.includes(payloadType));
    const media: LegMedia = {
      ...sent,
      remote: remoteOf(audio, stream.port, true),
      receive: receivedOf(
        answered,
        formats.filter((format) => !isVoice(format)),
      ),
      direction,
      held: isHeldBy(audio.direction, isReachable),
      ptimeMs: packetMs(audio, this.#ptimeMs),
      srtp: keysOf(line, this.#keys),
    };
    const next = {
      streams: streams.map(({ kind, protocol, formats: listed }) => ({ kind, protocol, formats: listed })),
      place,
      protocol: stream.protocol,
      heldByUs: this.heldByUs,
    };
    this.#types = this.#types.with(audio.formats);
    this.#agreed = { ...next, media };
    this.#keys.agree(media.srtp);
    this.#offered = undefined;
    const crypto = line === undefined ? [] : [{ ...line, key: this.#keys.of(line.suite) }];
    return {
      sdp: this.#write(next, { ...next, formats: answered, crypto, rtcpMux: audio.rtcpMux, direction }),
      media,
    };
  }

  get #ptimeMs(): number {
    return this.#options.ptimeMs ?? defaultPtimeMs;
  }

  /** The codec that is spoken first, so that nothing changes without need. */
  #offeredFormats(): readonly SdpFormat[] {
    const spoken = this.#agreed?.media.codec;
    const { codecs, comfortNoise } = this.#options;
    const ordered =
      spoken === undefined || !codecs.includes(spoken)
        ? codecs
        : [spoken, ...codecs.filter((codec) => codec !== spoken)];
    const hasNarrow = ordered.some((codec) => codec !== 'opus');
    const hasOpus = ordered.includes('opus');
    const named: Pick<SdpFormat, 'name' | 'clockRate'>[] = [
      ...ordered.map((name) => ({ name, clockRate: name === 'opus' ? 48_000 : 8000 }) as const),
      ...(comfortNoise && hasNarrow ? [{ name: 'CN', clockRate: 8000 } as const] : []),
      ...(hasNarrow ? [{ name: 'telephone-event', clockRate: 8000 } as const] : []),
      ...(hasOpus ? [{ name: 'telephone-event', clockRate: 48_000 } as const] : []),
    ];
    return named.map((format) => ({ ...format, payloadType: this.#types.of(format), parameters: '' }));
  }

  #write(
    { streams, place }: Pick<Agreement, 'streams' | 'place'>,
    audio: Pick<WrittenAudio, 'protocol' | 'formats' | 'crypto' | 'rtcpMux' | 'direction'>,
  ): string {
    const { address, port, rtcpPort } = this.#options;
    const own = writeAudio({ ...audio, address, port, rtcpPort, ptimeMs: this.#ptimeMs });
    const body = writeSession(
      address,
      streams.map((stream, index) => (index === place ? own : writeRefusal(stream))),
    ).join('\r\n');
    // RFC 3264 section 8: one more where anything is new, and the same otherwise.
    if (body !== this.#lastBody) this.#version += 1;
    this.#lastBody = body;
    return `v=0\r\n${writeOrigin(this.#id, this.#version, address)}\r\n${body}\r\n`;
  }
}

function wishOf(hold: boolean): LegDirection {
  return hold ? 'sendonly' : 'sendrecv';
}

function isSame(one: SdpFormat, other: SdpFormat): boolean {
  return one.name === other.name && one.clockRate === other.clockRate;
}

function typesOf(formats: readonly SdpFormat[]): string {
  return formats.map(({ payloadType }) => payloadType).join(' ');
}
