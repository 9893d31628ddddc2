import { describe, expect, test } from 'vitest';
import { AppError } from '../../core/errors.ts';
import { answerAnything } from '../../test/support/answer-anything.ts';
import { createRandom } from '../../test/support/random.ts';
import { opusParameters, vp8Parameters } from '../../test/support/rtp-parameters.ts';
import { sampleOffers, sampleRouter } from '../../test/support/sdp-samples.ts';
import { readFragment } from './fragments.ts';
import { matchAnswer } from './read-answer.ts';
import { readSdp } from './read-sdp.ts';
import { payloadTypesOf, toReceiveCapabilities } from './to-rtp.ts';
import type { OfferedSection } from './types.ts';

const runs = 20_000;
const longestRunMs = 50;
/** Of a failed run: `PARLEY_FUZZ_SEED=… npx vitest run media/sdp/fuzz`. */
const seed = Number(process.env['PARLEY_FUZZ_SEED'] ?? Date.now() % 2 ** 31);
/** What the texts are held against as answers. */
const offered: readonly OfferedSection[] = ['0', '1'].map((mid, index) => ({
  mid,
  kind: index === 0 ? 'audio' : 'video',
  send: { rtpParameters: index === 0 ? opusParameters() : vp8Parameters(), streamId: 's', trackId: mid },
}));
const allowed = ['SDP_REFUSED', 'RTP_PARAMETERS_REFUSED', 'DTLS_PARAMETERS_REFUSED'];

const odd = [
  '',
  '0',
  '-1',
  '4294967296',
  '1e9',
  'NaN',
  ' ',
  'ü',
  '\u2028',
  '\0',
  '\r',
  ';',
  '=',
  '*',
  '__proto__',
  'constructor',
];

function createMutator(random: () => number) {
  const texts = [...sampleOffers.values()];
  const below = (limit: number) => Math.floor(random() * limit);
  const pick = <T>(values: readonly T[]): T => values[below(values.length)] as T;

  const mutations: readonly ((lines: string[]) => string[])[] = [
    (lines) => lines.toSpliced(below(lines.length), 1 + below(3)),
    (lines) => lines.toSpliced(below(lines.length), 0, pick(lines)),
    (lines) => {
      const [a, b] = [below(lines.length), below(lines.length)];
      return lines.with(a, lines[b] ?? '').with(b, lines[a] ?? '');
    },
    // Parts of two clients' offers in one.
    (lines) => {
      const others = pick(texts).split('\r\n');
      return [...lines.slice(0, below(lines.length)), ...others.slice(below(others.length))];
    },
    (lines) => lines.toSpliced(below(lines.length), 0, pick(pick(texts).split('\r\n'))),
    // One character of a line, or a word of it.
    (lines) => {
      const at = below(lines.length);
      const line = lines[at] ?? '';
      const place = below(line.length);
      return lines.with(at, line.slice(0, place) + String.fromCharCode(below(256)) + line.slice(place + 1));
    },
    (lines) => {
      const at = below(lines.length);
      const words = (lines[at] ?? '').split(/(?<=[ :;=/])/);
      return lines.with(at, words.with(below(words.length), pick(odd)).join(''));
    },
    (lines) => {
      const at = below(lines.length);
      return lines.with(at, (lines[at] ?? '').replace(/\d+/, String(below(70_000) - 10)));
    },
    (lines) => Array.from({ length: 1 + below(4) }, () => lines).flat(),
    (lines) =>
      lines.with(
        below(lines.length),
        `a=${pick(['fmtp:96 ', 'imageattr:96 send ', 'simulcast:send '])}${pick(['[x=1]', 'a;', 'b,', ' ']).repeat(
          below(1500),
        )}`,
      ),
  ];
  return () => {
    let lines = pick(texts).split('\r\n');
    for (let count = 1 + below(4); count > 0 && lines.length > 0; count -= 1) lines = pick(mutations)(lines);
    return lines.join(pick(['\r\n', '\r\n', '\r\n', '\n']));
  };
}

/** Runs it; a refusal with a reason is an answer too. @returns whether it was taken */
function isTaken(run: () => void): boolean {
  try {
    run();
    return true;
  } catch (error) {
    if (!(error instanceof AppError) || !allowed.includes(error.reason)) throw error;
    // What is said of a text holds nothing of it that was not checked.
    if (!/^[ -~’]{1,200}$/.test(error.message)) throw new Error(`the reason is no sentence: ${error.message}`);
    return false;
  }
}

/** Everything that a text of a client goes through. @returns whether it could be answered */
function takeAll(text: string): boolean {
  const taken = isTaken(() => {
    const offer = readSdp(text);
    toReceiveCapabilities(offer, sampleRouter);
    isTaken(() => payloadTypesOf(offer, sampleRouter));
    isTaken(() => matchAnswer(offer, offered));
    const { text: answer } = answerAnything(offer);
    // Nothing of a client begins a line of its own in what is written for it.
    if (!/^(?:[vosctma]=[ -~]*\r\n)+$/.test(answer)) throw new Error(`not a description: ${answer}`);
    const sections = answer.match(/^m=/gm)?.length;
    if (sections !== offer.sections.length) throw new Error(`${sections} sections: ${answer}`);
  });
  isTaken(() => readFragment(text));
  return taken;
}

/** Of the process, without what others do on the machine. */
function cpuMsOf(run: () => unknown): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

describe('broken session descriptions', () => {
  test(`${runs} of them are taken, or refused with a reason, each within ${longestRunMs} ms`, {
    timeout: 300_000,
  }, () => {
    const mutate = createMutator(createRandom(seed));
    let taken = 0;
    const slow: { ms: number; text: string }[] = [];
    for (let run = 0; run < runs; run += 1) {
      const text = mutate();
      const ms = cpuMsOf(() => {
        try {
          if (takeAll(text)) taken += 1;
        } catch (error) {
          throw new Error(`run ${run} with PARLEY_FUZZ_SEED=${seed}:\n${JSON.stringify(text)}`, { cause: error });
        }
      });
      if (ms > 5) slow.push({ ms, text });
    }
    // Garbage collection falls on one run or another: what takes long takes long again.
    const longest = slow
      .toSorted((a, b) => b.ms - a.ms)
      .slice(0, 20)
      .map(({ text }) => ({ text, ms: Math.min(...Array.from({ length: 5 }, () => cpuMsOf(() => takeAll(text)))) }))
      .reduce((a, b) => (a.ms > b.ms ? a : b), { text: '', ms: 0 });
    console.log(
      `seed ${seed}: ${taken} of ${runs} taken, the longest ${longest.ms.toFixed(1)} ms for ${longest.text.length} characters`,
    );
    expect(longest.ms, longest.text).toBeLessThan(longestRunMs);
    // Both ways are taken, or the mutations break too much or too little.
    expect(taken).toBeGreaterThan(runs / 20);
    expect(taken).toBeLessThan(runs * 0.95);
  });
});
