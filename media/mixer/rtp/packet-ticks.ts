// How long a payload sounds, in ticks of its codec's RTP clock; 0 for what is none.

/** G.711, and G.722: it has twice the samples, and the clock of G.711 (RFC 3551 section 4.5.2). */
export function ticksOfG711(payload: Uint8Array): number {
  return payload.length;
}

/** In ms, by the configuration's number (RFC 6716 section 3.1, table 2). */
const silkMs = [10, 20, 40, 60];
const celtMs = [2.5, 5, 10, 20];
/** RFC 6716 section 3.2.5, R5. */
const maxOpusMs = 120;

function opusFrameMs(configuration: number): number {
  if (configuration < 12) return silkMs[configuration & 3] ?? 0;
  // Hybrid has the two shorter lengths of SILK.
  return (configuration < 16 ? silkMs[configuration & 1] : celtMs[configuration & 3]) ?? 0;
}

export function ticksOfOpus(payload: Uint8Array): number {
  const head = payload[0];
  if (head === undefined) return 0;
  const configuration = head >> 3;
  const frameMs = opusFrameMs(configuration);
  const code = head & 3;
  const frames = code === 0 ? 1 : code < 3 ? 2 : (payload[1] ?? 0) & 0x3f;
  return frameMs * frames > maxOpusMs ? 0 : frameMs * frames * 48;
}
