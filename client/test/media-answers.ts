// What a scripted server answers to calls about media: real parameters for a path that leads nowhere.

import type { ConsumeResponse, CreateTransportResponse } from '../../proto/gen/types.ts';
import { routerCapabilities } from './router-capabilities.ts';
import type { Answers } from './scripted-server.ts';

export function transportResponse(transportId: string): CreateTransportResponse {
  return {
    transportId,
    iceParameters: { usernameFragment: 'frag', password: 'a-password-of-22-chars', iceLite: true },
    iceCandidates: [
      { foundation: '1', priority: 1, address: '127.0.0.1', ip: '127.0.0.1', protocol: 'udp', port: 9, type: 'host' },
    ],
    dtlsParameters: {
      role: 'auto',
      fingerprints: [{ algorithm: 'sha-256', value: Array.from({ length: 32 }, () => 'AB').join(':') }],
    },
    iceServers: [],
    relayOnly: false,
  };
}

/** Of a sound; `n` makes it different from the others of its transport. */
export function consumeResponse(producerId: string, n: number): ConsumeResponse {
  const [codec] = routerCapabilities.codecs;
  return {
    consumerId: `c-${producerId}-${n}`,
    producerId,
    kind: 'audio',
    rtpParameters: {
      mid: String(n),
      codecs: [
        {
          mimeType: 'audio/opus',
          payloadType: codec?.preferredPayloadType ?? 0,
          clockRate: 48_000,
          channels: 2,
          parameters: {},
          rtcpFeedback: [],
        },
      ],
      headerExtensions: [],
      encodings: [{ ssrc: 10_000 + n }],
      rtcp: { cname: 'cname', reducedSize: true },
    },
    producerPaused: false,
    spatialLayers: 1,
    temporalLayers: 1,
    encrypted: false,
  };
}

/** Transports `t0`, `t1`, …, producers `p0`, `p1`, …, and consumers of everything. */
export function createMediaAnswers(): Answers {
  let transports = 0;
  let producers = 0;
  let consumers = 0;
  return {
    'media.createTransport': () => transportResponse(`t${transports++}`),
    'media.produce': () => ({ producerId: `p${producers++}`, muted: false, locked: false }),
    'media.consume': ({ producerId }) => consumeResponse(producerId, consumers++),
  };
}
