// For tests: a WebRTC client with data channels of its own, and nothing of the SDK.

import wrtc from '@roamhq/wrtc';
import { Device, type types } from 'mediasoup-client';
import { expect } from 'vitest';
import { createPeerId, type PeerId } from '../../../core/ids.ts';
import { decodeMessage, toPlain } from '../../../proto/binary.ts';
import type { DataToClient, DtlsParameters, RtpCapabilities } from '../../../proto/gen/types.ts';
import { readerOf } from '../../../proto/read-message.ts';
import { eventually } from '../../../test/support/eventually.ts';
import type { Media, RoomMedia } from '../../media.ts';

/** A client that sends whatever it likes, and notes what it hears. */
export interface RawClient extends Disposable {
  readonly peerId: PeerId;
  readonly heard: DataToClient[];
  send(bytes: Uint8Array, channel?: 'reliable' | 'lossy'): void;
  readonly state: string;
}

export async function connectRawClient(
  media: Pick<Media, 'rtpCapabilities'>,
  room: RoomMedia,
  peerId: PeerId = createPeerId(),
): Promise<RawClient> {
  // The media library looks for these where a browser has them.
  Object.assign(globalThis, wrtc);
  const device = new Device({ handlerName: 'Chrome111' });
  await device.load({ routerRtpCapabilities: media.rtpCapabilities as types.RtpCapabilities });
  const open = async (direction: 'send' | 'recv') => {
    const rtpCapabilities =
      direction === 'recv'
        ? (readerOf('RtpCapabilities')(device.recvRtpCapabilities, '') as unknown as RtpCapabilities)
        : undefined;
    const made = await room.createTransport(peerId, { direction, rtpCapabilities, data: true });
    if (made.sctpParameters === undefined) throw new Error('the transport was made without data');
    const { outgoingStreams: OS, incomingStreams: MIS, port, maxMessageSize } = made.sctpParameters;
    const transportOptions = {
      id: made.transportId,
      iceParameters: made.iceParameters,
      iceCandidates: made.iceCandidates as types.IceCandidate[],
      dtlsParameters: made.dtlsParameters as types.DtlsParameters,
      sctpParameters: { OS, MIS, port, maxMessageSize },
    };
    const transport =
      direction === 'send'
        ? device.createSendTransport(transportOptions)
        : device.createRecvTransport(transportOptions);
    transport.on('connect', ({ dtlsParameters }, done, failed) => {
      const parameters = readerOf('DtlsParameters')(dtlsParameters, '') as unknown as DtlsParameters;
      room.connectTransport(peerId, transport.id, parameters).then(done, failed);
    });
    transport.on('producedata', ({ sctpStreamParameters }, done) => done({ id: `${sctpStreamParameters.streamId}` }));
    return transport;
  };
  const [send, receive] = [await open('send'), await open('recv')];
  const reliable = await send.produceData({ ordered: true });
  const lossy = await send.produceData({ ordered: false, maxRetransmits: 0 });
  const opened = await room.openData(peerId, { sendTransportId: send.id, recvTransportId: receive.id });
  expect(opened).toMatchObject({ sendReliableStream: 0, sendLossyStream: 1, messagesPerSecond: 50 });
  const heard: DataToClient[] = [];
  const consumers: types.DataConsumer[] = [];
  for (const sctpStreamParameters of [
    { streamId: opened.recvReliableStream, ordered: true },
    { streamId: opened.recvLossyStream, ordered: false, maxRetransmits: 0 },
  ]) {
    const id = String(sctpStreamParameters.streamId);
    const consumer = await receive.consumeData({ id, dataProducerId: id, sctpStreamParameters });
    consumer.binaryType = 'arraybuffer';
    consumer.on('message', (data: ArrayBuffer) => {
      heard.push(toPlain(decodeMessage('DataToClient', new Uint8Array(data))) as DataToClient);
    });
    consumers.push(consumer);
  }
  const channels = [reliable, lossy, ...consumers];
  await eventually(() => channels.every(({ readyState }) => readyState === 'open'), 'the channels');
  return {
    peerId,
    heard,
    get state() {
      return send.connectionState;
    },
    send: (bytes, channel = 'reliable') => (channel === 'reliable' ? reliable : lossy).send(new Uint8Array(bytes)),
    [Symbol.dispose]() {
      send.close();
      receive.close();
    },
  };
}
