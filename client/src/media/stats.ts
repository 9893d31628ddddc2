import type { types } from 'mediasoup-client';

/**
 * The platform's statistics of one track. Where it has them for whole transports only, those that name one of the track's
 * streams (`ssrc`) are picked out.
 */
export async function statsOf(
  sent: types.Producer | types.Consumer,
  transport: types.Transport,
): Promise<RTCStatsReport> {
  try {
    return await sent.getStats();
  } catch {
    const all = await transport.getStats();
    const ssrcs = new Set(sent.rtpParameters.encodings?.map(({ ssrc }) => ssrc));
    const own = new Map<string, { ssrc?: number }>();
    all.forEach((entry: { ssrc?: number }, id: string) => {
      if (entry.ssrc !== undefined && ssrcs.has(entry.ssrc)) own.set(id, entry);
    });
    return own;
  }
}
