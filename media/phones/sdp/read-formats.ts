import type { PhoneCodec } from '../../mixer/codecs/voice-codec.ts';
import type { OpusWishes } from './leg-media.ts';
import type { SdpPart } from './sdp-lines.ts';

/** A payload type of an audio section that we know. */
export interface SdpFormat {
  readonly payloadType: number;
  readonly name: PhoneCodec | 'telephone-event' | 'CN';
  /** Of its timestamps. */
  readonly clockRate: 8000 | 48_000;
  /** Value of `a=fmtp`; '' without one. */
  readonly parameters: string;
}

type Known = Pick<SdpFormat, 'name' | 'clockRate'>;

/** Names in lower case with what stands behind them. RFC 3551 gives G.722 the wrong rate, and some phones say the right one. */
const known: ReadonlyMap<string, Known> = new Map<string, Known>([
  ['pcmu/8000', { name: 'PCMU', clockRate: 8000 }],
  ['pcma/8000', { name: 'PCMA', clockRate: 8000 }],
  ['g722/8000', { name: 'G722', clockRate: 8000 }],
  ['g722/16000', { name: 'G722', clockRate: 8000 }],
  ['opus/48000', { name: 'opus', clockRate: 48_000 }],
  ['opus/48000/2', { name: 'opus', clockRate: 48_000 }],
  ['cn/8000', { name: 'CN', clockRate: 8000 }],
  ['telephone-event/8000', { name: 'telephone-event', clockRate: 8000 }],
  ['telephone-event/48000', { name: 'telephone-event', clockRate: 48_000 }],
]);

/** RFC 3551 section 6: what they mean without `a=rtpmap`. */
export const staticPayloadTypes: ReadonlyMap<number, string> = new Map([
  [0, 'pcmu/8000'],
  [8, 'pcma/8000'],
  [9, 'g722/8000'],
  [13, 'cn/8000'],
]);

/** The formats of an m-line that we know, in its order; each payload type once. */
export function readFormats(part: SdpPart, listed: readonly string[]): readonly SdpFormat[] {
  const names = valuesByType(part.attributes('rtpmap'));
  const parameters = valuesByType(part.attributes('fmtp'));
  const formats = new Map<number, SdpFormat>();
  for (const text of listed) {
    if (!/^\d{1,3}$/.test(text)) continue;
    const payloadType = Number(text);
    if (payloadType > 127 || formats.has(payloadType)) continue;
    const format = known.get(nameOf(names.get(payloadType)) ?? staticPayloadTypes.get(payloadType) ?? '');
    if (format !== undefined) {
      formats.set(payloadType, { ...format, payloadType, parameters: parameters.get(payloadType) ?? '' });
    }
  }
  return [...formats.values()];
}

/** `PCMU/8000/1` is `PCMU/8000`. */
function nameOf(rtpmap: string | undefined): string | undefined {
  return rtpmap?.toLowerCase().replace(/\/1$/, '');
}

/** `<payload type> <value>`, the first of each. */
function valuesByType(lines: readonly string[]): ReadonlyMap<number, string> {
  const values = new Map<number, string>();
  for (const line of lines) {
    const [, type = '', value = ''] = /^(\d{1,3})\s+(.*)$/.exec(line) ?? [];
    if (type !== '' && !values.has(Number(type))) values.set(Number(type), value.trim());
  }
  return values;
}

/** RFC 7587 section 6.1. What is no number there counts as not said. */
export function readOpusWishes(parameters: string): OpusWishes {
  const said = new Map(
    parameters.split(';').map((pair) => {
      const [name = '', value = ''] = pair.split('=', 2);
      return [name.trim().toLowerCase(), value.trim()];
    }),
  );
  const integer = (name: string, min: number, max: number) => {
    const value = /^\d{1,7}$/.test(said.get(name) ?? '') ? Number(said.get(name)) : undefined;
    return value === undefined ? undefined : Math.min(Math.max(value, min), max);
  };
  return {
    maxAverageBitrate: integer('maxaveragebitrate', 6000, 510_000),
    maxPlaybackRate: integer('maxplaybackrate', 8000, 48_000),
    inBandFec: said.get('useinbandfec') === '1',
    discontinuous: said.get('usedtx') === '1',
  };
}
