import wrtc from '@roamhq/wrtc';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerAnything } from '../../test/support/answer-anything.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { opusParameters, vp8Parameters } from '../../test/support/rtp-parameters.ts';
import { openSdpPage } from '../../test/support/sdp-page.ts';
import { sampleEnd } from '../../test/support/sdp-samples.ts';
import { readAnswer } from './read-answer.ts';
import { readSdp } from './read-sdp.ts';
import { OfferSlots } from './slots.ts';
import type { SdpDescription } from './types.ts';
import { writeOffer } from './write-offer.ts';

/** Of a failed run: `PARLEY_FUZZ_SEED=… npx vitest run media/sdp/accepted`. */
const seed = Number(process.env['PARLEY_FUZZ_SEED'] ?? Date.now() % 2 ** 31);
console.log(`seed ${seed}`);

const answered: Readonly<Record<string, string>> = { sendonly: 'recvonly', sendrecv: 'recvonly', recvonly: 'sendonly' };

/** Sections as a client could offer them, and which of them are answered as inactive or refused. */
const session = fc.record({
  sections: fc.array(
    fc.constantFrom(
      ...['audio', 'video'].flatMap((kind) => Object.keys(answered).map((direction) => `${kind} ${direction}`)),
      'data',
    ),
    {
      minLength: 1,
      maxLength: 5,
    },
  ),
  held: fc.uniqueArray(fc.nat(4)),
  refused: fc.uniqueArray(fc.nat(4)),
});

function answerTo(offer: SdpDescription, held: readonly number[], refused: readonly number[]) {
  const { text, sections } = answerAnything(offer, {
    holds: (index) => held.includes(index),
    // Not all of them: an answer without a section leaves nothing to connect.
    refuses: (index) => refused.includes(index) && offer.sections.some((other) => !refused.includes(other.index)),
  });
  // As the client says it of itself, so the other way round.
  const directions = sections.flatMap(({ kind }) =>
    kind === 'receive' ? ['sendonly'] : kind === 'send' ? ['recvonly'] : kind === 'inactive' ? ['inactive'] : [],
  );
  return { text, directions };
}

// A client takes no answer but to an offer of its own, so that is what is answered.
describe('answers are taken', () => {
  test.skipIf(!requireOrSkip('browser'))(
    'by Chromium, to 200 different offers and to the ones after them',
    async () => {
      await using page = await openSdpPage();
      for (const [index, { sections, held, refused }] of fc.sample(session, { numRuns: 200, seed }).entries()) {
        const name = `page ${index}`;
        const first = answerTo(readSdp(await page.offer(name, sections)), held, refused);
        await page.take(name, first.text);
        expect(await page.directions(name)).toEqual(first.directions);
        if (first.directions.length > 1) {
          await page.change(name, first.directions.length - 1, index % 2 === 0 ? 'stopped' : 'inactive');
          const second = answerTo(readSdp(await page.offerAgain(name)), [], []);
          await page.take(name, second.text);
          // One that was stopped is gone from the list.
          const others = first.directions.length - 1;
          expect((await page.directions(name)).slice(0, others)).toEqual(second.directions.slice(0, others));
        }
        await page.close(name);
      }
    },
    120_000,
  );

  test('by libwebrtc for Node, to 40 different offers', async () => {
    const connections: wrtc.RTCPeerConnection[] = [];
    try {
      for (const { sections, held, refused } of fc.sample(session, { numRuns: 40, seed })) {
        const connection = new wrtc.RTCPeerConnection();
        connections.push(connection);
        for (const section of sections) {
          const [kind = '', direction] = section.split(' ');
          if (kind === 'data') connection.createDataChannel('x');
          else connection.addTransceiver(kind, { direction: direction as 'sendonly' });
        }
        const offer = await connection.createOffer();
        await connection.setLocalDescription(offer);
        const { text, directions } = answerTo(readSdp(offer.sdp ?? ''), held, refused);
        await connection.setRemoteDescription({ type: 'answer', sdp: text });
        expect(
          connection
            .getTransceivers()
            .map((each: { readonly currentDirection: string | null }) => each.currentDirection),
        ).toEqual(directions);
      }
    } finally {
      // All at the end: that library does not bear connections that end while they begin.
      for (const connection of connections) connection.close();
    }
  }, 60_000);
});

describe('offers are taken', () => {
  test.skipIf(!requireOrSkip('browser'))(
    'by Chromium, while tracks come and go',
    async () => {
      await using page = await openSdpPage();
      const slots = new OfferSlots();
      const tracks = new Map<string, ReturnType<typeof opusParameters>>();
      const step = fc.record({ producer: fc.constantFrom('a', 'b', 'c', 'd', 'e'), comes: fc.boolean() });
      let version = 0;
      for (const { producer, comes } of [{ producer: 'a', comes: true }, ...fc.sample(step, { numRuns: 40, seed })]) {
        const kind = producer < 'c' ? 'audio' : 'video';
        if (comes) {
          const mid = slots.assign(producer, kind);
          const made = tracks.get(producer) ?? (kind === 'audio' ? opusParameters() : vp8Parameters());
          // The extension for the mid alone, under one id for all, as a router has it.
          tracks.set(producer, { ...made, mid, headerExtensions: made.headerExtensions.slice(0, 1) });
        } else {
          slots.release(producer);
          tracks.delete(producer);
        }
        version += 1;
        const sections = slots.sections((id) => {
          const rtpParameters = tracks.get(id);
          return rtpParameters && { rtpParameters, streamId: 'stream', trackId: id };
        });
        const offer = writeOffer({ server: sampleEnd, sessionId: '9', version, sections });
        const { refusedMids, dtls } = readAnswer(await page.answer('receiver', offer), sections);
        expect(refusedMids).toEqual(new Set());
        expect(dtls.role).toBe('client');
        expect(await page.directions('receiver')).toEqual(sections.map(({ send }) => (send ? 'recvonly' : 'inactive')));
      }
      expect(slots.sections(() => undefined).length).toBeLessThanOrEqual(5);
    },
    60_000,
  );
});
