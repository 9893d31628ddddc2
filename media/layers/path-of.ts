// What is known of the way to a client from the consumers that go over it.

import type { TrackSample } from '../engine.ts';
import type { RoomConsumer } from '../room-consumer.ts';

/**
 * Of what was sent since the last reading, what never came, not even when it was sent again. A report's own fraction (RFC 3550
 * section 6.4.1) is of the time since the report before, and clients send several between two readings.
 * Undefined: of fewer than `leastPackets` nothing can be said.
 */
export function lostShare(
  sample: TrackSample | undefined,
  last: TrackSample | undefined,
  leastPackets: number,
): number | undefined {
  if (!sample || !last) return undefined;
  const packets = sample.packets - last.packets;
  return packets < leastPackets ? undefined : Math.max(0, sample.lost - last.lost) / packets;
}

/** The worker does, by the feedback that the client agreed to. */
export function estimatesBandwidth({ engine }: RoomConsumer): boolean {
  return engine.rtpParameters.codecs.some(({ rtcpFeedback = [] }) =>
    rtcpFeedback.some(({ type }) => type === 'transport-cc' || type === 'goog-remb'),
  );
}
