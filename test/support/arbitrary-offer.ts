// Offers as clients could write them, for property tests.

import fc from 'fast-check';

const codecs = {
  audio: ['opus/48000/2', 'PCMU/8000', 'G722/8000', 'telephone-event/8000', 'speex/16000'],
  video: ['VP8/90000', 'VP9/90000', 'H264/90000', 'AV1/90000', 'theora/90000'],
} as const;

const extensions = [
  'urn:ietf:params:rtp-hdrext:sdes:mid',
  'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
  'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  'urn:example:unknown',
];

interface Track {
  readonly kind: 'audio' | 'video';
  readonly direction: string;
  readonly closed: boolean;
  readonly codecs: readonly number[];
  readonly extensions: readonly string[];
  readonly layers: boolean;
  readonly reducedSize: boolean;
}

const track: fc.Arbitrary<Track> = fc.record({
  kind: fc.constantFrom('audio', 'video'),
  direction: fc.constantFrom('sendrecv', 'sendonly', 'recvonly', 'inactive'),
  closed: fc.boolean(),
  codecs: fc.subarray([0, 1, 2, 3, 4], { minLength: 1 }),
  extensions: fc.shuffledSubarray(extensions),
  layers: fc.boolean(),
  reducedSize: fc.boolean(),
});

const token = fc.stringMatching(/^[A-Za-z0-9_.!#$%&'*+^`{|}~-]{1,12}$/);

/** The text, and the mids of its sections in their order. At least the first section can be served. */
export const arbitraryOffer = fc
  .record({
    tracks: fc.array(track, { maxLength: 6 }),
    data: fc.boolean(),
    mids: fc.uniqueArray(token, { minLength: 8, maxLength: 8 }),
    setup: fc.constantFrom('actpass', 'active', 'passive'),
    lineEnd: fc.constantFrom('\r\n', '\n'),
  })
  .map(({ tracks, data, mids, setup, lineEnd }) => {
    const first: Track = {
      kind: 'audio',
      direction: 'sendonly',
      closed: false,
      codecs: [0],
      extensions: extensions.slice(0, 1),
      layers: false,
      reducedSize: true,
    };
    const sections = [first, ...tracks].map((each, index) => ({
      mid: mids[index] ?? '',
      closed: each.closed,
      lines: trackLines(each, mids[index] ?? '', index),
    }));
    if (data) {
      const mid = mids[sections.length] ?? '';
      const lines = [
        'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
        'c=IN IP4 0.0.0.0',
        `a=mid:${mid}`,
        'a=sctp-port:5000',
      ];
      sections.push({ mid, closed: false, lines });
    }
    const bundled = sections.filter(({ closed }) => !closed).map(({ mid }) => mid);
    const session = [
      'v=0',
      'o=- 1 1 IN IP4 127.0.0.1',
      's=-',
      't=0 0',
      `a=group:BUNDLE ${bundled.join(' ')}`,
      'a=ice-ufrag:clientufrag',
      'a=ice-pwd:clientpasswordclientpassword',
      `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => 'AB').join(':')}`,
      `a=setup:${setup}`,
    ];
    const lines = [...session, ...sections.flatMap((section) => section.lines)];
    return { text: lines.map((line) => line + lineEnd).join(''), mids: sections.map(({ mid }) => mid) };
  });

function trackLines(each: Track, mid: string, index: number): string[] {
  const names = each.codecs.map((at) => codecs[each.kind][at] ?? '');
  // A payload type means one thing in the whole offer.
  const base = each.kind === 'audio' ? 96 : 106;
  const types = each.codecs.map((at) => base + at);
  const sends = each.direction.startsWith('send');
  const layered = each.kind === 'video' && each.layers && sends;
  // Layers are told apart by these two.
  const uris = [...new Set([...each.extensions, ...(layered ? extensions.slice(0, 2) : [])])];
  return [
    `m=${each.kind} ${each.closed ? 0 : 9} UDP/TLS/RTP/SAVPF ${types.join(' ')}`,
    'c=IN IP4 0.0.0.0',
    `a=mid:${mid}`,
    `a=${each.direction}`,
    'a=rtcp-mux',
    ...(each.reducedSize ? ['a=rtcp-rsize'] : []),
    ...names.map((name, at) => `a=rtpmap:${types[at]} ${name}`),
    ...names.flatMap((name, at) =>
      name.startsWith('H264') ? [`a=fmtp:${types[at]} packetization-mode=1;profile-level-id=42e01f`] : [],
    ),
    ...uris.map((uri, at) => `a=extmap:${at + 1} ${uri}`),
    ...(layered ? ['a=rid:a send', 'a=rid:b send', 'a=simulcast:send a;b'] : []),
    ...(sends && !layered ? [`a=ssrc:${1000 + index} cname:client`] : []),
  ];
}
