import fc from 'fast-check';
import { parse, write } from 'sdp-transform';
import { describe, expect, test } from 'vitest';
import type { RtpParameters } from '../../proto/gen/types.ts';
import { answerAnything } from '../../test/support/answer-anything.ts';
import { arbitraryOffer } from '../../test/support/arbitrary-offer.ts';
import { opusParameters, vp8Parameters } from '../../test/support/rtp-parameters.ts';
import { sampleEnd, sampleOffer, sampleOffers, sampleRouter } from '../../test/support/sdp-samples.ts';
import { readAnswer } from './read-answer.ts';
import { readSdp } from './read-sdp.ts';
import { toSendParameters } from './to-rtp.ts';
import type { AnsweredSection, OfferedSection } from './types.ts';
import { writeAnswer } from './write-answer.ts';
import { writeOffer } from './write-offer.ts';

const session = { server: sampleEnd, sessionId: '42', version: 3 } as const;

const receiveAll = (text: string) => {
  const offer = readSdp(text);
  const sections = offer.sections.map(
    (section): AnsweredSection => ({
      kind: 'receive',
      rtpParameters: toSendParameters(section, sampleRouter),
    }),
  );
  return writeAnswer({ ...session, offer, sections });
};

/** Without an answer's own words: what its sections say. */
function summaryOf(text: string) {
  const { sections, bundle, ice, dtls } = readSdp(text);
  return {
    sections: sections.map(({ index, mid, kind, rejected }) => ({ index, mid, kind, rejected })),
    bundle,
    ice,
    dtls,
  };
}

/** The parser takes this one for `rtcp-mux`. */
const asParsed = (text: string) => text.replaceAll('a=rtcp-mux-only\r\n', '');

describe('writeAnswer()', () => {
  test.each([...sampleOffers.keys()])('answers the offer of %s with a section for each, in its order', (name) => {
    const offer = readSdp(sampleOffer(name));
    const { text, sections } = answerAnything(offer);
    const answer = readSdp(text);
    expect(answer.sections.map(({ kind, mid }) => [kind, mid])).toEqual(
      offer.sections.map(({ kind, mid }) => [kind, mid]),
    );
    expect(answer.sections.map(({ rejected }) => rejected)).toEqual(sections.map(({ kind }) => kind === 'rejected'));
    expect(answer.ice).toEqual({ ufrag: 'serverufrag', pwd: 'serverpasswordserverpassword' });
  });

  test('answers any valid offer with a section for each, in its order, within its codecs and extensions', () => {
    fc.assert(
      fc.property(arbitraryOffer, fc.func(fc.boolean()), ({ text, mids }, holds) => {
        const offer = readSdp(text);
        expect(offer.sections.map(({ mid }) => mid)).toEqual(mids);
        const { text: answer, sections } = answerAnything(offer, { holds });
        // The library reads and writes what was written.
        expect(write(parse(answer))).toBe(asParsed(answer));
        const read = readSdp(answer);
        expect(read.sections.map(({ mid, kind }) => [mid, kind])).toEqual(
          offer.sections.map(({ mid, kind }) => [mid, kind]),
        );
        expect(read.setup).toBe(offer.setup === 'passive' ? 'active' : 'passive');
        expect(read.bundle).toEqual(sections.flatMap(({ kind }, index) => (kind === 'rejected' ? [] : [mids[index]])));
        for (const [index, section] of read.sections.entries()) {
          const offered = offer.sections[index]!;
          const types = offered.codecs.map(({ preferredPayloadType }) => preferredPayloadType);
          for (const codec of section.codecs) expect(types).toContain(codec.preferredPayloadType);
          for (const { uri, id } of section.extensions) {
            expect(offered.extensions.map((each) => `${each.id} ${each.uri}`)).toContain(`${id} ${uri}`);
          }
          const flows = sections[index]!.kind;
          if (offered.kind === 'application' || flows === 'rejected') continue;
          expect(section.direction).toBe(
            { receive: 'recvonly', send: 'sendonly', both: 'sendrecv', inactive: 'inactive', data: '' }[flows],
          );
        }
      }),
      { numRuns: 300 },
    );
  });

  test('says what an ICE-lite end that waits for the client has to say', () => {
    const lines = receiveAll(sampleOffer('chromium-156-publish')).split('\r\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'o=- 42 3 IN IP4 127.0.0.1',
        'a=ice-lite',
        'a=group:BUNDLE 0 1',
        'a=setup:passive',
        'a=candidate:udpcandidate 1 udp 1076302079 127.0.0.1 40000 typ host',
        'a=candidate:tcpcandidate 1 tcp 1076276479 127.0.0.1 40000 typ host tcptype passive',
      ]),
    );
    // Of the first section alone: the others share its transport.
    expect(lines.filter((line) => line === 'a=end-of-candidates')).toHaveLength(1);
  });

  test('asks for the layers that were offered', () => {
    const answer = receiveAll(sampleOffer('firefox-153-simulcast'));
    expect(answer).toContain('a=rid:q recv\r\na=rid:h recv\r\na=rid:f recv\r\n');
    expect(answer).toContain('a=simulcast:recv q;h;f\r\n');
  });

  test('says nothing of what the client sends, which would be said of the server', () => {
    expect(receiveAll(sampleOffer('gstreamer-1.22-audio'))).not.toContain('sprop-');
  });

  test('refuses to write a description that a client’s text would break', () => {
    const offer = readSdp(sampleOffer('chromium-156-receive'));
    const evil = 'x\r\na=candidate:1 1 udp 1 198.51.100.1 9 typ host';
    const edits: readonly ((parameters: RtpParameters) => void)[] = [
      (parameters) => Object.assign(parameters, { rtcp: { cname: evil } }),
      (parameters) => Object.assign(parameters.codecs[0]!.parameters, { x: evil }),
      (parameters) => Object.assign(parameters.codecs[0]!.parameters, { [evil]: 1 }),
      (parameters) => Object.assign(parameters.codecs[0]!, { mimeType: `audio/${evil}` }),
      (parameters) => parameters.codecs[0]!.rtcpFeedback.push({ type: evil, parameter: '' }),
    ];
    for (const edit of edits) {
      const rtpParameters = opusParameters();
      edit(rtpParameters);
      const sections: AnsweredSection[] = [
        { kind: 'send', rtpParameters, streamId: 'stream', trackId: 'track' },
        { kind: 'rejected' },
      ];
      expect(() => writeAnswer({ ...session, offer, sections })).toThrow(
        expect.objectContaining({ reason: 'SDP_REFUSED' }),
      );
    }
  });
});

const tracks: readonly OfferedSection[] = [
  { mid: '0', kind: 'audio', send: { rtpParameters: opusParameters(), streamId: 'peer', trackId: 'voice' } },
  { mid: '1', kind: 'video', send: { rtpParameters: vp8Parameters(), streamId: 'peer', trackId: 'camera' } },
  { mid: '2', kind: 'video', send: undefined, idle: vp8Parameters().codecs },
  { mid: '3', kind: 'video', send: undefined },
  { mid: '4', kind: 'application', send: undefined },
];

/** An answer as a client would give it to `tracks`. */
const clientAnswer = (edit: (text: string) => string = (text) => text) =>
  edit(
    writeOffer({ ...session, sections: tracks })
      .replaceAll('a=setup:actpass', 'a=setup:active')
      .replaceAll('a=sendonly', 'a=recvonly'),
  );

describe('writeOffer()', () => {
  test('gives what it was given', () => {
    const text = writeOffer({ ...session, sections: tracks });
    expect(write(parse(text))).toBe(asParsed(text));
    const { sections, bundle, setup } = readSdp(text);
    expect(setup).toBe('actpass');
    expect(bundle).toEqual(['0', '1', '2', '4']);
    expect(sections.map(({ direction, rejected }) => (rejected ? 'rejected' : direction))).toEqual([
      'sendonly',
      'sendonly',
      'inactive',
      'rejected',
      'sendrecv',
    ]);
    for (const index of [0, 1]) {
      const { rtpParameters } = tracks[index]!.send!;
      const section = sections[index]!;
      const names = section.codecs.map(({ mimeType, preferredPayloadType }) => [mimeType, preferredPayloadType]);
      expect(names).toEqual(rtpParameters.codecs.map(({ mimeType, payloadType }) => [mimeType, payloadType]));
      expect(section.codecs[0]!.parameters).toEqual(rtpParameters.codecs[0]!.parameters);
      expect(section.codecs[0]!.rtcpFeedback).toEqual(rtpParameters.codecs[0]!.rtcpFeedback);
      expect(section.extensions.map(({ uri, id }) => [uri, id])).toEqual(
        rtpParameters.headerExtensions.map(({ uri, id }) => [uri, id]),
      );
      const [encoding] = rtpParameters.encodings;
      expect(section.ssrcs).toEqual([{ ssrc: encoding!.ssrc, cname: 'test', rtx: encoding!.rtx?.ssrc }]);
    }
    expect(text).toContain('a=msid:peer camera\r\n');
  });

  test('differs from the offer before by its version alone', () => {
    const [second, third] = [2, 3].map((version) => writeOffer({ ...session, version, sections: tracks }));
    expect(second!.replace('o=- 42 2', 'o=- 42 3')).toBe(third);
    expect(summaryOf(second!)).toEqual(summaryOf(third!));
  });
});

describe('readAnswer()', () => {
  test('gives the client’s certificate, and the role that it chose', () => {
    const { dtls, refusedMids } = readAnswer(clientAnswer(), tracks);
    expect(dtls).toMatchObject({ role: 'client', fingerprints: [{ algorithm: 'sha-256' }] });
    expect(refusedMids).toEqual(new Set());
    const passive = clientAnswer((text) => text.replaceAll('a=setup:active', 'a=setup:passive'));
    expect(readAnswer(passive, tracks).dtls.role).toBe('server');
  });

  test.each<[string, (text: string) => string]>([
    ['closed', (text) => text.replace(/m=video 40000/, 'm=video 0')],
    ['answered as inactive', (text) => text.replace(/(m=video[\s\S]*?)a=recvonly/, '$1a=inactive')],
    ['answered without the codec', (text) => text.replace(/m=video (\d+ \S+) 96 97/, 'm=video $1 97')],
  ])('tells of a track whose section is %s', (_, edit) => {
    expect(readAnswer(clientAnswer(edit), tracks).refusedMids).toEqual(new Set(['1']));
  });

  test.each<[string, RegExp, (text: string) => string]>([
    ['no section', /no section/, (text) => text.split('m=')[0]!],
    ['a section less', /4 sections, and the offer has 5/, (text) => text.slice(0, text.indexOf('m=application'))],
    [
      'another mid',
      /not the offered mid/,
      (text) => text.replace('a=mid:1', 'a=mid:9').replace('BUNDLE 0 1', 'BUNDLE 0 9'),
    ],
    ['another kind', /not of the offered kind/, (text) => text.replace('m=audio 40000', 'm=video 40000')],
    ['no choice of DTLS role', /choose its DTLS role/, (text) => text.replaceAll('a=setup:active', 'a=setup:actpass')],
  ])('refuses an answer with %s', (_, problem, edit) => {
    expect(() => readAnswer(clientAnswer(edit), tracks)).toThrow(problem);
  });
});
