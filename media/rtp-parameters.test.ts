import { describe, expect, test } from 'vitest';
import type { RtpCapabilities, RtpParameters } from '../proto/gen/types.ts';
import { opusParameters, vp8Parameters } from '../test/support/rtp-parameters.ts';
import type { MediaKind } from './media.ts';
import { checkRtpParameters } from './rtp-parameters.ts';

const router: RtpCapabilities = {
  codecs: [],
  headerExtensions: ['urn:ietf:params:rtp-hdrext:sdes:mid', 'urn:ietf:params:rtp-hdrext:ssrc-audio-level'].map(
    (uri, index) => ({ kind: 'audio', uri, preferredId: index + 1, preferredEncrypt: false, direction: 'sendrecv' }),
  ),
};

/** What is said of parameters after an edit; undefined when they pass. */
function problemOf<T extends RtpParameters>(kind: MediaKind, parameters: T, edit: (parameters: T) => void = () => {}) {
  edit(parameters);
  try {
    checkRtpParameters(kind, parameters, router);
    return undefined;
  } catch (error) {
    expect(error).toMatchObject({ reason: 'RTP_PARAMETERS_REFUSED' });
    return (error as { details: { problem: string } }).details.problem;
  }
}

const audio = (edit: (parameters: RtpParameters) => void) => problemOf('audio', opusParameters(), edit);
const video = (edit: (parameters: RtpParameters) => void) => problemOf('video', vp8Parameters(), edit);
const simulcast = (edit: (parameters: RtpParameters) => void) => problemOf('video', vp8Parameters({ layers: 3 }), edit);

describe('checkRtpParameters()', () => {
  test('lets pass what browsers send', () => {
    expect(problemOf('audio', opusParameters())).toBeUndefined();
    expect(problemOf('video', vp8Parameters())).toBeUndefined();
    expect(problemOf('video', vp8Parameters({ layers: 3 }))).toBeUndefined();
    expect(audio((p) => p.codecs.push({ ...p.codecs[0]!, mimeType: 'audio/telephone-event', payloadType: 101 }))).toBe(
      undefined,
    );
  });

  // Receivers write these into their SDP, where a line break would begin a line of the sender's choice.
  test.each([
    ['x=1\r\nm=video 9 BROKEN\r\nz', 1],
    ['a b', 1],
    ['', 1],
    ['x', '1\r\na=candidate:1 1 udp 1 192.0.2.1 9 typ host'],
    ['x', '1;y=2'],
    ['x', 'é'],
  ])('refuses the format parameter %j=%j', (name, value) => {
    const problem = audio((p) => Object.assign(p.codecs[0]!.parameters, { [name]: value }));
    expect(problem).toMatch(/^rtpParameters\.codecs\[0\]\.parameters/);
  });

  test.each<[string, string | undefined]>([
    ['a kind that is not the codec’s', problemOf('video', opusParameters())],
    ['an empty mid', audio((p) => Object.assign(p, { mid: '' }))],
    ['a mid with a blank', audio((p) => Object.assign(p, { mid: 'a b' }))],
    ['no codec', audio((p) => p.codecs.pop())],
    ['two codecs', video((p) => p.codecs.push({ ...p.codecs[0]!, mimeType: 'video/VP9', payloadType: 98 }))],
    ['a companion alone', video((p) => p.codecs.shift())],
    ['a companion first', video((p) => p.codecs.reverse())],
    ['a payload type twice', video((p) => Object.assign(p.codecs[1]!, { payloadType: 96 }))],
    ['apt of another codec', video((p) => Object.assign(p.codecs[1]!, { parameters: { apt: 97 } }))],
    ['apt that is no number', video((p) => Object.assign(p.codecs[1]!, { parameters: { apt: '96' } }))],
    ['apt that is no payload type', video((p) => Object.assign(p.codecs[1]!, { parameters: { apt: 1e9 } }))],
    ['a number beyond 32 bits', audio((p) => Object.assign(p.codecs[0]!, { parameters: { minptime: 2 ** 40 } }))],
    ['a number that is none', audio((p) => Object.assign(p.codecs[0]!, { parameters: { minptime: Number.NaN } }))],
    ['a parameter of 2 KB', audio((p) => Object.assign(p.codecs[0]!, { parameters: { x: 'x'.repeat(2000) } }))],
    ['an extension that nobody knows', audio((p) => Object.assign(p.headerExtensions[0]!, { uri: 'urn:x' }))],
    ['an extension id twice', audio((p) => Object.assign(p.headerExtensions[0]!, { id: 1 }))],
    ['an extension twice', audio((p) => p.headerExtensions.push({ ...p.headerExtensions[0]!, id: 9 }))],
    ['no encoding', audio((p) => p.encodings.pop())],
    ['a sound in two encodings', audio((p) => p.encodings.push({ ssrc: 7 }))],
    ['SSRC 0', audio((p) => Object.assign(p.encodings[0]!, { ssrc: 0 }))],
    ['the SSRC of the retransmissions', video((p) => Object.assign(p.encodings[0]!, { ssrc: 7, rtx: { ssrc: 7 } }))],
    ['SSRC 0 of the retransmissions', video((p) => Object.assign(p.encodings[0]!, { rtx: { ssrc: 0 } }))],
    ['retransmissions without a codec', audio((p) => Object.assign(p.encodings[0]!, { rtx: { ssrc: 7 } }))],
    ['a layer that cannot be found', simulcast((p) => Object.assign(p.encodings[1]!, { rid: undefined }))],
    ['nothing to be found by', audio((p) => Object.assign(p, { mid: undefined, encodings: [{}] }))],
    ['a rid twice', simulcast((p) => Object.assign(p.encodings[1]!, { rid: 'r0' }))],
    ['an empty rid', simulcast((p) => Object.assign(p.encodings[1]!, { rid: '' }))],
    ['a rid with a semicolon', simulcast((p) => Object.assign(p.encodings[1]!, { rid: 'a;b' }))],
    ['an encoding of another codec', video((p) => Object.assign(p.encodings[0]!, { codecPayloadType: 97 }))],
    ['a scalability mode of 99 layers', video((p) => Object.assign(p.encodings[0]!, { scalabilityMode: 'L99T99' }))],
    ['a scalability mode that is none', video((p) => Object.assign(p.encodings[0]!, { scalabilityMode: 'L0T0' }))],
  ])('refuses %s', (_, problem) => {
    expect(problem).toMatch(/^rtpParameters\.(mid|codecs|headerExtensions|encodings)\b/);
  });

  test('names the member at fault', () => {
    expect(simulcast((p) => Object.assign(p.encodings[2]!, { rid: 'r0' }))).toBe(
      'rtpParameters.encodings[2].rid is used twice: r0',
    );
    expect(video((p) => Object.assign(p.encodings[0]!, { ssrc: 7, rtx: { ssrc: 7 } }))).toBe(
      'rtpParameters.encodings[0].rtx.ssrc is used twice: 7',
    );
    expect(problemOf('video', opusParameters())).toBe('rtpParameters.codecs[0].mimeType is audio/opus, not video');
  });
});
