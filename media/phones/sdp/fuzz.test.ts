import { expect, test } from 'vitest';
import { AppError } from '../../../core/errors.ts';
import { createRandom, oneOf, type Random, testSeed } from '../../../test/support/random.ts';
import type { PhoneCodec } from '../../mixer/codecs/voice-codec.ts';
import { PhoneSession } from './phone-session.ts';
import { readPhoneSdp } from './read-phone-sdp.ts';
import { maxPhoneSdpBytes } from './sdp-lines.ts';
import { phoneOffers } from './testing/phone-offers.ts';
import { isWebRtcOffer } from './web-rtc-offer.ts';

const runs = 20_000;
const longestRunMs = 50;
const seed = testSeed();
const offers = Object.values(phoneOffers);
const allLines = offers.flatMap((offer) => offer.split(/\r?\n/));
const odd = [
  '',
  '0',
  '-1',
  '65536',
  '4294967296',
  '1e9',
  ' ',
  'ü',
  '\u2028',
  '\0',
  '\r',
  '\n',
  ';',
  '=',
  '/',
  ':',
  '|',
  '__proto__',
];
const policies = ['never', 'optional', 'required'] as const;
const codecs: readonly PhoneCodec[] = ['opus', 'G722', 'PCMU', 'PCMA'];

function mutate(random: Random, text: string): string {
  const lines = text.split(/\r?\n/);
  const below = (limit: number) => Math.floor(random() * limit);
  for (let times = 1 + below(4); times > 0; times -= 1) {
    const at = below(lines.length);
    const line = lines[at] ?? '';
    const place = below(line.length + 1);
    const act = below(6);
    if (act === 0) lines.splice(at, 1 + below(3));
    else if (act === 1) lines.splice(at, 0, oneOf(random, allLines));
    else if (act === 2) lines[at] = line.slice(0, place) + oneOf(random, odd) + line.slice(place + 1);
    else if (act === 3) lines[at] = line.slice(0, place) + String.fromCharCode(below(256)) + line.slice(place + 1);
    else if (act === 4) lines[at] = line.replace(/\d+/, () => oneOf(random, odd));
    else lines.push(...lines.slice(at, at + below(6)));
  }
  return lines.join(oneOf(random, ['\r\n', '\n', '\r']));
}

function openAny(random: Random): PhoneSession {
  const few = codecs.filter(() => random() < 0.6);
  return new PhoneSession({
    address: oneOf(random, ['192.0.2.1', '2001:db8::1']),
    port: 30_000,
    rtcpPort: oneOf(random, [30_001, 40_000]),
    codecs: few.length === 0 ? ['PCMU'] : few.toSorted(() => random() - 0.5),
    srtp: oneOf(random, policies),
    comfortNoise: random() < 0.5,
  });
}

/** What it answered; undefined where it refused. Anything but a refusal fails the test. */
function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (error instanceof AppError && error.reason === 'SDP_REFUSED') return undefined;
    throw error;
  }
}

/** In milliseconds, the least of some tries: the machine may have had something else to do, a text that is slow is slow each time. */
function readingMs(text: string): number {
  const tries = Array.from({ length: 5 }, () => {
    const startMs = performance.now();
    attempt(() => readPhoneSdp(text));
    isWebRtcOffer(text);
    return performance.now() - startMs;
  });
  return Math.min(...tries);
}

test(`${runs} damaged descriptions are answered in order, or refused without a trace`, () => {
  const random = createRandom(seed);
  let session = openAny(random);
  let answered = 0;
  for (let run = 0; run < runs; run += 1) {
    if (random() < 0.2) session = openAny(random);
    const text = mutate(random, oneOf(random, offers));
    const before = session.media;
    const startMs = performance.now();
    const isAnswer = random() < 0.3;
    if (isAnswer) session.makeOffer({ hold: random() < 0.2 });
    const result = attempt(() => (isAnswer ? { media: session.readAnswer(text) } : session.answerOffer(text)));
    if (performance.now() - startMs > longestRunMs) expect(readingMs(text)).toBeLessThan(longestRunMs);
    expect(session.media).toBe(result === undefined ? before : result.media);
    if (result === undefined || !('sdp' in result)) continue;
    answered += 1;
    // It says nothing that was not meant: as many sections as were offered, all of them readable, one open.
    expect(result.sdp).toMatch(/^(?:[a-z]=[\x20-\x7e]+\r\n)+$/);
    const own = readPhoneSdp(result.sdp).streams;
    expect(own.map(({ kind }) => kind)).toEqual(readPhoneSdp(text).streams.map(({ kind }) => kind));
    expect(own.filter(({ port }) => port !== 0)).toHaveLength(1);
  }
  expect(answered).toBeGreaterThan(runs / 20);
}, 60_000);

test('two of our sessions agree on the same, whoever offers', () => {
  const random = createRandom(seed);
  for (let run = 0; run < 2_000; run += 1) {
    const [ann, ben] = [openAny(random), openAny(random)];
    for (let turn = 0; turn < 4; turn += 1) {
      const [one, other] = random() < 0.5 ? [ann, ben] : [ben, ann];
      const offer = one.makeOffer({ hold: random() < 0.3 });
      const answer = attempt(() => other.answerOffer(offer));
      if (answer === undefined) break;
      const media = one.readAnswer(answer.sdp);
      expect(media.codec).toBe(answer.media.codec);
      expect(media.srtp?.sendKey).toEqual(answer.media.srtp?.receiveKey);
      expect(media.srtp?.receiveKey).toEqual(answer.media.srtp?.sendKey);
      expect(media.receive).toContainEqual(
        expect.objectContaining({ payloadType: answer.media.payloadType, name: answer.media.codec }),
      );
      const mirrored = { sendrecv: 'sendrecv', sendonly: 'recvonly', recvonly: 'sendonly', inactive: 'inactive' };
      expect(answer.media.direction).toBe(mirrored[media.direction]);
    }
  }
});

test('large and repetitive texts take no time', () => {
  const filled = ['a=crypto:1 ', 'a=rtpmap:0 ', 'm=', 'm=audio 1 RTP/AVP ', '\r', 'a=', 'c=IN IP4 '].map((piece) =>
    `v=0\r\nc=IN IP4 127.0.0.1\r\n${piece}`.padEnd(maxPhoneSdpBytes, '0 '),
  );
  const repeated = ['m=audio 9 RTP/AVP 0\r\n', 'a=crypto:1 A inline:A\r\n', 'a=rtpmap:0 A/8000\r\n'].map((piece) =>
    'v=0\r\n'.padEnd(maxPhoneSdpBytes, piece),
  );
  for (const text of [...filled, ...repeated, '\n'.repeat(1_000_000), 'v=0\r\n'.repeat(100_000)]) {
    const answer = attempt(() => openAny(() => 0.5).answerOffer(text));
    expect(answer?.sdp.length ?? 0).toBeLessThan(1_000);
    expect(readingMs(text)).toBeLessThan(longestRunMs);
  }
});
