// What the in-memory engine answers where nobody looks closely: well-formed, and always the same.

import { AppError } from '../../core/errors.ts';
import { Emitter } from '../../core/events.ts';
import type { RoomTap, RoomTapEvents } from '../../media/media.ts';
import type { DtlsParameters, IceParameters, ProducerInfo, RtpParameters } from '../../proto/gen/types.ts';

export const sctpParameters = { port: 5000, outgoingStreams: 1024, incomingStreams: 1024, maxMessageSize: 262_144 };

export function iceParameters(restarts = 0): IceParameters {
  return { usernameFragment: `ufrag${restarts}`, password: 'passwordpasswordpassword', iceLite: true };
}

const fingerprint = Array.from({ length: 32 }, () => 'AB').join(':');

export const dtlsParameters: DtlsParameters = {
  role: 'auto',
  fingerprints: [{ algorithm: 'sha-256', value: fingerprint }],
};

/** As a router sends it: with its own payload types. */
export function sentParameters(kind: ProducerInfo['kind'], mid: string | undefined): RtpParameters {
  const codec =
    kind === 'audio'
      ? { mimeType: 'audio/opus', payloadType: 100, clockRate: 48_000, channels: 2 }
      : { mimeType: 'video/VP8', payloadType: 101, clockRate: 90_000 };
  return {
    mid,
    codecs: [{ ...codec, parameters: {}, rtcpFeedback: [] }],
    headerExtensions: [],
    encodings: [{ ssrc: 1_000 }],
    rtcp: { cname: 'cname', reducedSize: true },
  };
}

/** Of tracks that bring nothing. */
export function memoryTap(isSent: (producerId: string) => boolean): RoomTap {
  const events = new Emitter<RoomTapEvents>((error) => {
    throw error;
  });
  return {
    events,
    add: async (producerId) => {
      if (!isSent(producerId)) throw new AppError('PRODUCER_NOT_FOUND', { producerId });
      return {
        rtpParameters: { codecs: [], headerExtensions: [], encodings: [] },
        localPort: 1,
        resume: async () => {},
        requestKeyFrame: async () => {},
        close: () => {},
      };
    },
    close: () => {},
  };
}
