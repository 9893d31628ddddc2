// Data channels of clients that know session descriptions alone.

import { describe, expect, test } from 'vitest';
import { decodeData, encodeData, type ReceivedData } from '../../client/src/data/data-codec.ts';
import { eventually } from '../support/eventually.ts';
import { requireOrSkip } from '../support/require.ts';
import { SdpCaller, SdpReceiver, SdpSender } from '../support/sdp-client.ts';
import { startServer } from '../support/start-server.ts';
import { createTone } from '../support/wrtc-tracks.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = ({ payload }: ReceivedData) => new TextDecoder().decode(payload);

describe.skipIf(!requireOrSkip('mediasoup'))('a client with libwebrtc and nothing of ours', () => {
  test('sends and gets messages on the connections that carry its tracks, within the limits of a room', async () => {
    await using server = await startServer({ media: { maxDataMessageBytes: 2_000 } });
    using ada = await SdpCaller.join(server, 'chat', { identity: 'ada' });
    using ben = await SdpCaller.join(server, 'chat', { identity: 'ben' });
    using receiver = new SdpReceiver(ben);
    await receiver.subscribe({ data: true });
    const streams = await ben.call('data.open', { recvTransportId: receiver.sessionId });
    const received: ReceivedData[] = [];
    for (const id of [streams.recvReliableStream, streams.recvLossyStream]) {
      const channel = receiver.connection.createDataChannel('parley', { negotiated: true, id });
      channel.binaryType = 'arraybuffer';
      channel.onmessage = ({ data }: { data: ArrayBuffer }) => received.push(decodeData(new Uint8Array(data)));
    }

    using sender = new SdpSender(ada);
    const tone = createTone();
    try {
      // The section is there when a channel is; which streams there are is known after the answer.
      const reliable = sender.connection.createDataChannel('reliable', { negotiated: true, id: 0 });
      const lossy = sender.connection.createDataChannel('lossy', {
        negotiated: true,
        id: 1,
        ordered: false,
        maxRetransmits: 0,
      });
      await sender.send(tone);
      const opened = await ada.call('data.open', { sendTransportId: sender.sessionId });
      expect(opened).toMatchObject({ sendReliableStream: 0, sendLossyStream: 1, maxMessageBytes: 2_000 });
      await eventually(() => reliable.readyState === 'open' && lossy.readyState === 'open', 'open channels');

      const { peers } = await ben.call('room.listPeers', { pageToken: '0' });
      const from = peers.find(({ identity }) => identity === 'ada')?.peerId;
      reliable.send(encodeData({ to: [], topic: 'pointer', payload: bytesOf('one') }));
      await eventually(() => received.length === 1, 'a message');
      expect(received.map((message) => [message.from, message.topic, textOf(message)])).toEqual([
        [from, 'pointer', 'one'],
      ]);
      // What is lossy may be lost, though hardly here: it is said until it is heard.
      await eventually(() => {
        lossy.send(encodeData({ to: [], topic: '', payload: bytesOf('two') }));
        return received.some((message) => textOf(message) === 'two');
      }, 'a message that may be lost');

      // Larger than is allowed, and no message at all: neither arrives, and what follows does.
      reliable.send(encodeData({ to: [], topic: '', payload: new Uint8Array(2_100) }));
      reliable.send(Uint8Array.of(0xff, 0xff, 0xff));
      reliable.send(encodeData({ to: [], topic: '', payload: bytesOf('three') }));
      await eventually(() => received.some((message) => textOf(message) === 'three'), 'the message behind them');
      expect(received.every(({ payload }) => payload.byteLength < 10)).toBe(true);

      // The tracks of the same connections flow.
      await eventually(async () => (await receiver.flow()).soundEnergy > 0, 'sound');
      await sender.negotiate({ iceRestart: true });
      reliable.send(encodeData({ to: [], topic: '', payload: bytesOf('four') }));
      await eventually(() => received.some((message) => textOf(message) === 'four'), 'a message after the ICE restart');
    } finally {
      tone.stop();
    }
  });
});
