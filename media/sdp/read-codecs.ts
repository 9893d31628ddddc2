import type { JsonScalar, RtcpFeedback, RtpCodecCapability } from '../../proto/gen/types.ts';
import type { MediaKind } from '../media.ts';
import { integerOf, listOf, refuseSdp, repeatedOf, type SdpRecord, textOf } from './sdp-values.ts';

/** Payload types that need no rtpmap (RFC 3551 section 6). */
const staticCodecs: ReadonlyMap<number, { name: string; clockRate: number }> = new Map([
  [0, { name: 'PCMU', clockRate: 8000 }],
  [8, { name: 'PCMA', clockRate: 8000 }],
  [9, { name: 'G722', clockRate: 8000 }],
  [13, { name: 'CN', clockRate: 8000 }],
]);

const maxPayloadType = 127;
const maxEntriesPerCodec = 32;
const codecName = /^[A-Za-z0-9.-]{1,58}$/;
const feedbackWord = /^[A-Za-z0-9-]{1,32}$/;
const parameterName = /^[\w!#$%&'*+\-.^`{|}~/]{1,64}$/;
/** Printable ASCII; the semicolon has ended the value. */
const parameterValue = /^[ -~]{0,1024}$/;
const integerText = /^(?:0|-?[1-9]\d{0,9})$/;

/**
 * The codecs of a section, in the order of its m-line. A payload type without a name is left out: nobody could know it.
 * @throws {AppError} SDP_REFUSED for payload types that are none, or that mean two things.
 */
export function readCodecs(media: SdpRecord, kind: MediaKind, where: string): RtpCodecCapability[] {
  const names = readNames(media, where);
  const formats = readFormats(media, where);
  return payloadTypesOf(media, where).flatMap((payloadType) => {
    const named = names.get(payloadType) ?? staticCodecOf(payloadType);
    if (named === undefined) return [];
    return [
      {
        kind,
        mimeType: `${kind}/${named.name}`,
        preferredPayloadType: payloadType,
        clockRate: named.clockRate,
        // RFC 8866 section 6.6: one when it is not said. Video has none.
        channels: kind === 'audio' ? (named.channels ?? 1) : undefined,
        parameters: formats.get(payloadType) ?? {},
        rtcpFeedback: readFeedback(media, payloadType),
      },
    ];
  });
}

interface NamedCodec {
  readonly name: string;
  readonly clockRate: number;
  readonly channels: number | undefined;
}

function staticCodecOf(payloadType: number): NamedCodec | undefined {
  const codec = staticCodecs.get(payloadType);
  return codec && { ...codec, channels: undefined };
}

function payloadTypesOf(media: SdpRecord, where: string): readonly number[] {
  const words = (textOf(media['payloads']) ?? '').split(' ').filter((word) => word !== '');
  const types = words.map((word) => (/^\d{1,3}$/.test(word) ? Number(word) : Number.NaN));
  if (types.length === 0) refuseSdp(`${where} names no format`);
  if (!types.every((type) => type <= maxPayloadType)) refuseSdp(`${where} names a format that is no payload type`);
  const repeated = repeatedOf(types);
  if (repeated !== undefined) refuseSdp(`${where} names the payload type ${repeated} twice`);
  return types;
}

function readNames(media: SdpRecord, where: string): ReadonlyMap<number, NamedCodec> {
  const names = new Map<number, NamedCodec>();
  const seen = new Set<number>();
  for (const line of listOf(media['rtp'])) {
    const payloadType = integerOf(line['payload'], 0, maxPayloadType);
    if (payloadType === undefined) continue;
    if (seen.has(payloadType)) refuseSdp(`${where} gives the payload type ${payloadType} two names`);
    seen.add(payloadType);
    const name = textOf(line['codec']);
    const clockRate = integerOf(line['rate'], 1, 1_000_000);
    const channels = line['encoding'] === undefined ? undefined : integerOf(line['encoding'], 1, 16);
    const known = name !== undefined && codecName.test(name) && clockRate !== undefined;
    if (!known || (line['encoding'] !== undefined && channels === undefined)) continue;
    names.set(payloadType, { name, clockRate, channels });
  }
  return names;
}

function readFormats(media: SdpRecord, where: string): ReadonlyMap<number, Record<string, JsonScalar>> {
  const formats = new Map<number, Record<string, JsonScalar>>();
  for (const line of listOf(media['fmtp'])) {
    const payloadType = integerOf(line['payload'], 0, maxPayloadType);
    if (payloadType === undefined || formats.has(payloadType)) continue;
    formats.set(payloadType, readParameters(textOf(line['config']) ?? '', `${where}: the payload type ${payloadType}`));
  }
  return formats;
}

/** `minptime=10;useinbandfec=1`, or `0-15` and `111/111`, which have no name and are kept as names without a value. */
function readParameters(text: string, where: string): Record<string, JsonScalar> {
  const entries = text
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part): [string, JsonScalar] => {
      const [, name = part, value = ''] = /^([^=]*)=(.*)$/.exec(part) ?? [];
      if (!parameterName.test(name) || !parameterValue.test(value)) refuseSdp(`${where} has a parameter that is none`);
      return [name, scalarOf(name, value)];
    })
    // An object is made of them.
    .filter(([name]) => name !== '__proto__');
  if (entries.length > maxEntriesPerCodec) refuseSdp(`${where} has more than ${maxEntriesPerCodec} parameters`);
  return Object.fromEntries(entries);
}

/** Six hexadecimal digits can be decimal ones by chance. */
function scalarOf(name: string, value: string): JsonScalar {
  const isNumber = name !== 'profile-level-id' && integerText.test(value) && Math.abs(Number(value)) < 2 ** 31;
  return isNumber ? Number(value) : value;
}

function readFeedback(media: SdpRecord, payloadType: number): RtcpFeedback[] {
  const found = new Map<string, RtcpFeedback>();
  for (const line of listOf(media['rtcpFb'])) {
    if (line['payload'] !== payloadType && line['payload'] !== '*') continue;
    const type = textOf(line['type']) ?? '';
    const parameter = textOf(line['subtype']) ?? '';
    if (!feedbackWord.test(type) || (parameter !== '' && !feedbackWord.test(parameter))) continue;
    if (found.size < maxEntriesPerCodec) found.set(`${type} ${parameter}`, { type, parameter });
  }
  return [...found.values()];
}
