import type { types } from 'mediasoup-client';

/**
 * The platform's statistics of one track. Where it has them for whole transports only, those that name one of the track's
 * streams (`ssrc`, `rid`) are picked out.
 */
export async function statsOf(
  sent: types.Producer | types.Consumer,
  transport: types.Transport,
): Promise<RTCStatsReport> {
  try {
    return await sent.getStats();
  } catch {
    const all = await transport.getStats();
    const own = new Map<string, StreamEntry>();
    all.forEach((entry: StreamEntry, id: string) => {
      if (isOf(sent.rtpParameters, entry)) own.set(id, entry);
    });
    return own;
  }
}

interface StreamEntry {
  readonly ssrc?: number;
  readonly rid?: string;
  readonly mid?: string;
}

/** Of what is sent in several layers only the names of these are known. */
function isOf({ mid, encodings = [] }: types.RtpParameters, entry: StreamEntry): boolean {
  if (entry.ssrc === undefined) return false;
  if (encodings.some(({ ssrc }) => ssrc === entry.ssrc)) return true;
  const isOfMid = entry.mid === undefined || entry.mid === mid;
  return isOfMid && entry.rid !== undefined && encodings.some(({ rid }) => rid === entry.rid);
}

/** Of a picture that is received; undefined where nothing of it came yet. */
export function framesDecodedOf(report: RTCStatsReport): number | undefined {
  let frames: number | undefined;
  report.forEach((entry: { type: string; framesDecoded?: number }) => {
    if (entry.type === 'inbound-rtp') frames = entry.framesDecoded;
  });
  return frames;
}
