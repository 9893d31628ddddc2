import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { describe, expect, it } from 'vitest';
import type { CallInfo } from '../../../proto/gen/types.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { callLeg, outgoingCall } from '../../test/call-infos.ts';
import { createFakeDevice } from '../../test/fake-device.ts';
import { createMediaAnswers } from '../../test/media-answers.ts';
import { routerCapabilities } from '../../test/router-capabilities.ts';
import { type Answers, Refusal, startScriptedServer } from '../../test/scripted-server.ts';
import { roomSnapshot } from '../../test/snapshots.ts';
import { createTestClient } from '../../test/test-client.ts';

/** The router of a call with a phone that speaks PCMU. */
const capabilities = {
  ...routerCapabilities,
  codecs: [
    ...routerCapabilities.codecs,
    {
      kind: 'audio' as const,
      mimeType: 'audio/PCMU',
      preferredPayloadType: 0,
      clockRate: 8_000,
      parameters: {},
      rtcpFeedback: [],
    },
  ],
};

const withCodec = (audioCodec: CallInfo['audioCodec'], held = false) =>
  outgoingCall({ state: 'accepted', legs: [callLeg('ada', { held }), callLeg('ben')], audioCodec });

async function startCall(audioCodec: CallInfo['audioCodec'], answers: Answers = {}) {
  const server = await startScriptedServer({
    ...createMediaAnswers(),
    'room.join': ({ room }) => roomSnapshot({ room, routerRtpCapabilities: capabilities }),
    'call.current': () => ({ calls: [] }),
    'call.start': () => withCodec(audioCodec),
    ...answers,
  });
  const test = createTestClient({ server, device: createFakeDevice });
  await test.client.connect();
  const microphone = new FakeMediaStreamTrack({ kind: 'audio' }) as unknown as MediaStreamTrack;
  const call = await test.client.calls.start({ to: { number: '100' }, microphone });
  const connection = await server.connected(0);
  return {
    call,
    client: test.client,
    microphone,
    connection,
    /** Of each `media.produce`: the codec, and what it takes the place of. */
    get produced() {
      return connection.called('media.produce').map(({ params }) => {
        const { codecs } = params['rtpParameters'] as { codecs: { mimeType: string }[] };
        return [codecs[0]?.mimeType, params['replacesProducerId'] ?? ''];
      });
    },
    closed: () => connection.called('media.closeProducer').map(({ params }) => params['producerId']),
    change: (info: CallInfo) => connection.event('callChanged', { call: info }),
    async [Symbol.asyncDispose]() {
      await test[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe('the microphone of a call', () => {
  it('is sent with the codec of the phone, and with Opus when another one joins, without an end between the two', async () => {
    await using test = await startCall('PCMU');
    expect(test.produced).toEqual([['audio/PCMU', '']]);
    test.change(withCodec('opus'));
    await eventually(() => test.produced.length === 2, 'the other codec');
    expect([test.produced[1], test.closed()]).toEqual([['audio/opus', 'p0'], []]);
    await eventually(() => test.closed().length > 0, 'the end of the one before');
    expect(test.closed()).toEqual(['p0']);
    expect(test.call.room?.localTracks.get('microphone')?.producerId).toBe('p1');
    expect(test.microphone.readyState).toBe('live');
  });

  it('stays as it is while any codec will do', async () => {
    await using test = await startCall('');
    test.change(withCodec('opus'));
    test.change(withCodec(''));
    await test.client.ping();
    expect(test.call.info.audioCodec).toBe('');
    expect(test.produced).toEqual([['audio/opus', '']]);
  });

  it('with a codec that this platform does not have is sent with the one that it has', async () => {
    await using test = await startCall('G722');
    expect(test.produced).toEqual([['audio/opus', '']]);
  });

  it('goes on as it is when the change is refused', async () => {
    const answers = createMediaAnswers();
    await using test = await startCall('PCMU', {
      ...answers,
      'media.produce': (params, connection) =>
        params.replacesProducerId
          ? new Refusal('RTP_PARAMETERS_REFUSED')
          : (answers['media.produce']?.(params, connection) ?? {}),
    });
    test.change(withCodec('opus'));
    await eventually(() => test.produced.length === 2, 'the attempt');
    const local = test.call.room?.localTracks.get('microphone');
    await local?.pause();
    expect([local?.producerId, test.closed(), test.produced.length]).toEqual(['p0', [], 2]);
  });

  it('is silent while the call is on hold, and is what it was afterwards', async () => {
    await using test = await startCall('PCMU');
    test.change(withCodec('PCMU', true));
    await eventually(() => test.call.held, 'the hold');
    expect(test.microphone.enabled).toBe(false);
    test.change(withCodec('PCMU'));
    await eventually(() => !test.call.held, 'its end');
    expect(test.microphone.enabled).toBe(true);
  });
});
