import { parse } from 'sdp-transform';
import type { DtlsParameters, RtpCodecCapability } from '../../proto/gen/types.ts';
import { checkDtlsParameters } from '../dtls-parameters.ts';
import { requirePwd, requireUfrag } from './ice-values.ts';
import { closedSection, readHead, readSection, type SectionHead } from './read-section.ts';
import { isOneOf, listOf, recordOf, refuseSdp, repeatedOf, type SdpRecord, textOf } from './sdp-values.ts';
import { splitSdp } from './split-sdp.ts';
import type { SdpDescription, SdpSection } from './types.ts';

const setups = ['actpass', 'active', 'passive'] as const;
const hashes = ['sha-1', 'sha-224', 'sha-256', 'sha-384', 'sha-512'] as const;

/**
 * Reads a client's offer or answer. Its sections have to share one transport (RFC 9143), with RTCP on it (RFC 5761) and
 * DTLS-SRTP (RFC 5764). Sections that are outside of the bundle, closed, or of an unknown protocol come back as rejected.
 * @throws {AppError} SDP_REFUSED, DTLS_PARAMETERS_REFUSED
 */
export function readSdp(text: string): SdpDescription {
  const lines = splitSdp(text);
  const session: SdpRecord = recordOf(parse(text));
  const heads = listOf(session['media']).map(readHead);
  const repeated = repeatedOf(heads.map(({ mid }) => mid).filter((mid) => mid !== ''));
  if (repeated !== undefined) refuseSdp(`the mid ${repeated} is used twice`);

  const bundle = bundleOf(session, heads);
  const sections = heads.map((head) => (bundle.has(head) ? readSection(head, session) : closedSection(head)));
  requireOneMeaning(sections);
  const [tagged] = bundle;
  if (tagged === undefined) refuseSdp('no section is open');

  const transport = transportOf(tagged, [...bundle], session);
  return {
    ...transport,
    sections,
    bundle: [...bundle].map(({ mid }) => mid).filter((mid) => mid !== ''),
    trickle: lines.some((line) => /^a=ice-options:(?:.*[ ,])?trickle(?:[ ,]|$)/.test(line)),
    extmapAllowMixed: lines.includes('a=extmap-allow-mixed'),
  };
}

/** The open sections that share a transport, the one that describes it first. */
function bundleOf(session: SdpRecord, heads: readonly SectionHead[]): ReadonlySet<SectionHead> {
  const open = heads.filter(({ rejected }) => !rejected);
  const groups = listOf(session['groups'])
    .filter(({ type }) => type === 'BUNDLE')
    .map(({ mids }) => (textOf(mids) ?? '').split(' '));
  // Nothing to bundle, and clients that do not support it say nothing of it.
  if (groups.length === 0 && open.length === 1) return new Set(open);

  const [first] = open;
  const group = groups.find((mids) => first !== undefined && mids.includes(first.mid));
  if (first !== undefined && (group === undefined || first.mid === '')) {
    refuseSdp(`section ${first.index} is in no bundle (a=group:BUNDLE)`);
  }
  return new Set((group ?? []).flatMap((mid) => open.filter((head) => head.mid === mid)));
}

/**
 * ICE credentials may differ between sections of a first offer, and those of the bundle's first section count (RFC 9143
 * section 7.2). Certificates that differ are refused: DTLS is done once, and which was meant cannot be told.
 */
function transportOf(
  tagged: SectionHead,
  bundled: readonly SectionHead[],
  session: SdpRecord,
): Pick<SdpDescription, 'ice' | 'dtls' | 'setup'> {
  const attributeOf = ({ media }: SectionHead, name: string) => media[name] ?? session[name];
  const ufrag = requireUfrag(textOf(attributeOf(tagged, 'iceUfrag')));
  const pwd = requirePwd(textOf(attributeOf(tagged, 'icePwd')));

  const setup = attributeOf(tagged, 'setup');
  if (!isOneOf(setups, setup)) refuseSdp('there is no DTLS role (a=setup)');

  const { algorithm, value } = fingerprintOf(attributeOf(tagged, 'fingerprint'));
  const others = bundled.map((head) => attributeOf(head, 'fingerprint')).filter((other) => other !== undefined);
  if (others.map(fingerprintOf).some((other) => other.algorithm !== algorithm || other.value !== value)) {
    refuseSdp('its sections have different certificates');
  }
  if (!isOneOf(hashes, algorithm)) refuseSdp('there is no certificate fingerprint (a=fingerprint) of a known hash');
  const role = setup === 'passive' ? 'server' : 'client';
  const dtls: DtlsParameters = { role, fingerprints: [{ algorithm, value }] };
  checkDtlsParameters(dtls);
  return { ice: { ufrag, pwd }, dtls, setup };
}

function fingerprintOf(value: unknown): { algorithm: string; value: string } {
  const { type, hash } = recordOf(value);
  return { algorithm: (textOf(type) ?? '').toLowerCase(), value: (textOf(hash) ?? '').toUpperCase() };
}

/** RFC 9143 section 9.1: in a bundle, a payload type means one thing. */
function requireOneMeaning(sections: readonly SdpSection[]): void {
  const meanings = new Map<number | undefined, string>();
  for (const codec of sections.flatMap((section) => section.codecs)) {
    const meaning = meaningOf(codec);
    const before = meanings.get(codec.preferredPayloadType) ?? meaning;
    if (before !== meaning) refuseSdp(`the payload type ${codec.preferredPayloadType} means two codecs`);
    meanings.set(codec.preferredPayloadType, meaning);
  }
}

function meaningOf({ mimeType, clockRate, channels }: RtpCodecCapability): string {
  return `${mimeType.toLowerCase()}/${clockRate}/${channels}`;
}
