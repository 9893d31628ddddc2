import type { types } from 'mediasoup';
import type { EngineTap, EngineTapTrack, TapTarget } from '../engine.ts';
import { mediaUnavailable } from '../unavailable.ts';
import { toRtpParameters } from './convert.ts';
import { openLoopback } from './loopback.ts';
import { cannotConsume, consumerGone, producerGone, refusing } from './refusals.ts';

/** A burst of key frames waits in the socket of a reader that is not scheduled for a moment, or here. */
const bufferBytes = 4 * 1024 * 1024;

/** What makes a worker estimate bandwidth, which nobody answers here: its first guess would hold layers down for ever. */
const estimating: ReadonlySet<string> = new Set<types.RtpHeaderExtensionUri>([
  'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
]);

/** @throws {AppError} MEDIA_UNAVAILABLE */
export async function createTap(router: types.Router, target: TapTarget): Promise<EngineTap> {
  const transport = await openLoopback(router, target, { sendBufferSize: bufferBytes });
  return {
    localPort: transport.tuple.localPort,
    consume: consumingOn(transport, router),
    close: () => transport.close(),
  };
}

/** Sends tracks by a plain transport. */
export function consumingOn(transport: types.PlainTransport, router: types.Router): EngineTap['consume'] {
  const rtpCapabilities = tapped(router.rtpCapabilities);
  return async ({ producerId, paused }) => {
    const consumer = await refusing(
      // Nothing is lost on a loopback that a second copy would not lose again.
      () => transport.consume({ producerId, rtpCapabilities, paused, enableRtx: false }),
      (problem, cause) => {
        if (transport.closed) return mediaUnavailable(cause);
        if (cause.name === 'UnsupportedError') return cannotConsume(problem, cause);
        return producerGone(producerId)(problem, cause);
      },
    );
    return wrapTrack(consumer);
  };
}

function wrapTrack(consumer: types.Consumer): EngineTapTrack {
  const gone = consumerGone(consumer.id);
  return {
    id: consumer.id,
    rtpParameters: toRtpParameters(consumer.rtpParameters),
    // The worker itself asks for a key frame then.
    resume: () => refusing(() => consumer.resume(), gone),
    requestKeyFrame: () => refusing(() => consumer.requestKeyFrame(), gone),
    close: () => consumer.close(),
  };
}

function tapped({ codecs = [], headerExtensions = [] }: types.RtpCapabilities): types.RtpCapabilities {
  return { codecs, headerExtensions: headerExtensions.filter(({ uri }) => !estimating.has(uri)) };
}
