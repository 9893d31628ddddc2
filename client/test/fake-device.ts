// The media library without a network: a transport is up as soon as it is used, and something comes of each track.

import { Device } from 'mediasoup-client';
import * as fakeParameters from 'mediasoup-client/fakeParameters';
import { FakeHandler } from 'mediasoup-client/handlers/FakeHandler';

/** As browsers have it. */
const pcmu = {
  mimeType: 'audio/PCMU',
  kind: 'audio',
  preferredPayloadType: 0,
  clockRate: 8_000,
  channels: 1,
  rtcpFeedback: [],
  parameters: {},
} as const;

function nativeCapabilities() {
  const native = fakeParameters.generateNativeRtpCapabilities();
  return { ...native, codecs: [...(native.codecs ?? []), { ...pcmu, rtcpFeedback: [] }] };
}

/** For `device` of the client's options. */
export function createFakeDevice(): Device {
  const { factory, ...rest } = FakeHandler.createFactory({
    ...fakeParameters,
    generateNativeRtpCapabilities: nativeCapabilities,
  });
  return new Device({
    handlerFactory: {
      ...rest,
      factory: (options) => {
        const handler = factory(options) as FakeHandler;
        handler.on('@connectionstatechange', (state) => {
          if (state === 'connecting') queueMicrotask(() => handler.setConnectionState('connected'));
        });
        handler.getReceiverStats = async () => new Map([['in', { packetsReceived: 1 }]]);
        return handler;
      },
    },
  });
}
