import type { types } from 'mediasoup-client';

/**
 * Sends the layers up to this one and no others; -1: none. Goes by renegotiation: a browser that is told of its encodings
 * alone takes them all up again with the next description.
 */
export async function applyWantedLayer(producer: types.Producer, layer: number): Promise<void> {
  const isSimulcast = (producer.rtpParameters.encodings?.length ?? 1) > 1;
  try {
    if (isSimulcast) await producer.setMaxSpatialLayer(layer);
    // The layers of a scalable encoding are one stream: all or nothing of it.
    else await producer.setRtpEncodingParameters({ active: layer >= 0 });
  } catch {
    // A platform that cannot, or a producer that has just ended: more is sent than anybody shows, which nobody sees.
  }
}
