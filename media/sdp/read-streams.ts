// How the packets of a section are told apart: header extensions, restriction ids and SSRCs.

import { integerOf, isOneOf, listOf, recordOf, refuseSdp, repeatedOf, type SdpRecord, textOf } from './sdp-values.ts';
import type { SdpSection } from './types.ts';

const directions = ['sendrecv', 'sendonly', 'recvonly', 'inactive'] as const;
const maxEntries = 64;
/** As many as the contract gives a producer. */
const maxLayers = 8;
const uriPattern = /^[!-~]{1,256}$/;
/** RFC 8851 section 10, in the length of the contract. */
const ridPattern = /^[\w-]{1,16}$/;
const cnamePattern = /^[!-~]{1,256}$/;
const maxSsrc = 0xffff_ffff;

/** Extensions of the section and of the session above it. Encrypted ones (RFC 6904) are left out: nobody here opens them. */
export function readExtensions(session: SdpRecord, media: SdpRecord, where: string): SdpSection['extensions'] {
  const lines = [...listOf(session['ext']), ...listOf(media['ext'])];
  if (lines.length > maxEntries) refuseSdp(`${where} has more than ${maxEntries} header extensions`);
  const extensions = lines.flatMap((line) => {
    const uri = textOf(line['uri']) ?? '';
    // RFC 8285 section 4.2: 15 is reserved in one-byte headers. Ids above 255 are not for use on the wire (section 5).
    const id = integerOf(line['value'], 1, 255);
    const direction = line['direction'] ?? '';
    if (id === undefined || id === 15 || line['encrypt-uri'] !== undefined || !uriPattern.test(uri)) return [];
    return [{ uri, id, direction: isOneOf(directions, direction) ? direction : ('' as const) }];
  });
  const repeated = repeatedOf(extensions.map(({ id }) => id));
  if (repeated !== undefined) refuseSdp(`${where} uses the header extension id ${repeated} twice`);
  return extensions.filter(({ uri }, index) => extensions.findIndex((other) => other.uri === uri) === index);
}

export function readRids(media: SdpRecord, where: string): SdpSection['rids'] {
  const lines = listOf(media['rids']);
  if (lines.length > maxEntries) refuseSdp(`${where} has more than ${maxEntries} restriction ids`);
  const rids = lines.map((line) => {
    const id = textOf(line['id']) ?? '';
    const direction = line['direction'];
    if (!ridPattern.test(id)) refuseSdp(`${where} has a restriction id that is none`);
    if (direction !== 'send' && direction !== 'recv') refuseSdp(`${where} has a restriction id without a direction`);
    return { id, direction } as const;
  });
  if (repeatedOf(rids.map(({ id }) => id)) !== undefined) refuseSdp(`${where} uses a restriction id twice`);
  return rids;
}

/** `send q;h,h2;~f`: the first of each list of alternatives; a paused layer (`~`) can start at any time. */
export function readSimulcast(media: SdpRecord, rids: SdpSection['rids'], where: string): readonly string[] {
  const line = recordOf(media['simulcast']);
  const list = line['dir1'] === 'send' ? line['list1'] : line['dir2'] === 'send' ? line['list2'] : undefined;
  if (list === undefined) return [];
  const ids = (textOf(list) ?? '')
    .split(';')
    .map((alternatives) => (alternatives.split(',')[0] ?? '').replace('~', ''));
  if (ids.length > maxLayers) refuseSdp(`${where} has more than ${maxLayers} layers`);
  if (repeatedOf(ids) !== undefined) refuseSdp(`${where} has a layer twice`);
  const sendable = new Set(rids.filter(({ direction }) => direction === 'send').map(({ id }) => id));
  if (!ids.every((id) => sendable.has(id))) refuseSdp(`${where} has a layer without a restriction id to send`);
  return ids;
}

export function readSsrcs(media: SdpRecord, where: string): SdpSection['ssrcs'] {
  const lines = listOf(media['ssrcs']);
  const groups = listOf(media['ssrcGroups']);
  if (lines.length > 4 * maxEntries || groups.length > maxEntries) refuseSdp(`${where} names too many SSRCs`);

  const cnames = new Map<number, string | undefined>();
  for (const line of lines) {
    const ssrc = integerOf(line['id'], 1, maxSsrc);
    if (ssrc === undefined) refuseSdp(`${where} has an SSRC that is none`);
    const cname = line['attribute'] === 'cname' ? textOf(line['value']) : undefined;
    const usable = cname !== undefined && cnamePattern.test(cname) ? cname : undefined;
    cnames.set(ssrc, cnames.get(ssrc) ?? usable);
  }

  const rtxOf = new Map<number, number>();
  const repairs = new Set<number>();
  for (const group of groups) {
    const semantics = group['semantics'];
    if (semantics !== 'FID' && semantics !== 'FEC-FR') continue;
    const [source, repair] = (textOf(group['ssrcs']) ?? '').split(' ').map(Number);
    if (source === undefined || repair === undefined || source === repair) continue;
    if (!cnames.has(source) || !cnames.has(repair) || repairs.has(source)) continue;
    repairs.add(repair);
    if (semantics === 'FID' && !rtxOf.has(source)) rtxOf.set(source, repair);
  }
  return [...cnames]
    .filter(([ssrc]) => !repairs.has(ssrc))
    .map(([ssrc, cname]) => ({ ssrc, cname, rtx: rtxOf.get(ssrc) }));
}
