import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../core/clock.ts';
import { silentLogger } from '../../../core/log.ts';
import { startBrowser } from '../../../test/support/browser.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { requireOrSkip } from '../../../test/support/require.ts';
import { mediaDefaults } from '../../../test/support/start-media.ts';
import { createMediasoupEngine } from '../../mediasoup/engine.ts';
import { createPhoneMedia } from '../create-phone-media.ts';
import { legDefaults, recordLeg } from '../testing/start-phones.ts';

const begin = `
  const audio = new AudioContext();
  const tone = audio.createOscillator();
  const sink = audio.createMediaStreamDestination();
  tone.connect(sink);
  tone.start();
  globalThis.connection = new RTCPeerConnection();
  connection.addTrack(sink.stream.getAudioTracks()[0], sink.stream);
  globalThis.describe = async (description) => {
    await connection.setLocalDescription(description);
    while (connection.iceGatheringState !== 'complete') await new Promise((resolve) => setTimeout(resolve, 50));
    return connection.localDescription.sdp;
  };
`;
const offer = '(async () => describe(await connection.createOffer()))()';
const take = (type: string, sdp: string) => `connection.setRemoteDescription(${JSON.stringify({ type, sdp })})`;
const answer = '(async () => describe(await connection.createAnswer()))()';
const press = `connection.getSenders()[0].dtmf.insertDTMF('159#', 100, 70)`;

describe.skipIf(!requireOrSkip('browser') || !requireOrSkip('mediasoup'))('a phone in Chromium', () => {
  test.each(['calls', 'is called'])(
    'that %s presses keys as events, each of which comes once',
    async (way) => {
      const engine = await createMediasoupEngine({ options: mediaDefaults, clock: systemClock, log: silentLogger });
      const options = {
        threads: 1,
        listenIp: '127.0.0.1',
        portMin: 28_200,
        portMax: 28_299,
        maxLateMs: 10_000,
        silenceTimeoutMs: 30_000,
      };
      const phones = await createPhoneMedia({ options, clock: systemClock, log: silentLogger, engine });
      await using browser = await startBrowser();
      try {
        const page = await browser.openPage('about:blank');
        await page.evaluate(begin);
        const leg = await phones.openLeg({ ...legDefaults, webrtc: true });
        const told = recordLeg(leg);
        if (way === 'calls') await page.evaluate(take('answer', await leg.answer(await page.evaluate<string>(offer))));
        else {
          await page.evaluate(take('offer', await leg.offer()));
          await leg.takeAnswer(await page.evaluate<string>(answer));
        }
        await eventually(() => told.some(({ name }) => name === 'heard'), 'it is heard');
        await page.evaluate(press);
        const digits = () => told.flatMap((event) => (event.name === 'digit' ? [event['digit']] : []));
        await eventually(() => digits().length >= 4, 'the keys come');
        expect(digits()).toEqual(['1', '5', '9', '#']);
      } finally {
        await phones.close();
        await engine.close();
      }
    },
    60_000,
  );
});
