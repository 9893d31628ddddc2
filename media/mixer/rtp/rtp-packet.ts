/** RFC 3550 section 5.1, with its payload alone: without header extensions, contributors and padding. */
export interface RtpPacket {
  readonly payloadType: number;
  /** 16 bits. */
  readonly sequence: number;
  /** 32 bits, in ticks of the codec's clock. */
  readonly timestamp: number;
  readonly ssrc: number;
  readonly marker: boolean;
  /** Shares memory with what was read. Empty in a packet of padding alone. */
  readonly payload: Buffer;
}

/** Of a header without contributors and extensions. */
export const fixedHeaderBytes = 12;

/** Undefined for what is no whole RTP packet, such as RTCP, which comes on the same port (RFC 5761 section 4). */
export function parseRtp(bytes: Buffer): RtpPacket | undefined {
  if (bytes.length < fixedHeaderBytes) return undefined;
  const first = bytes.readUInt8(0);
  const second = bytes.readUInt8(1);
  if (first >> 6 !== 2 || isRtcpType(second)) return undefined;
  let start = fixedHeaderBytes + (first & 0x0f) * 4;
  if (first & 0x10) {
    if (bytes.length < start + 4) return undefined;
    start += 4 + bytes.readUInt16BE(start + 2) * 4;
  }
  const padding = first & 0x20 ? bytes.readUInt8(bytes.length - 1) : 0;
  const end = bytes.length - padding;
  if (start > end || ((first & 0x20) !== 0 && padding === 0)) return undefined;
  return {
    payloadType: second & 0x7f,
    sequence: bytes.readUInt16BE(2),
    timestamp: bytes.readUInt32BE(4),
    ssrc: bytes.readUInt32BE(8),
    marker: (second & 0x80) !== 0,
    payload: bytes.subarray(start, end),
  };
}

/** Whether it is RTCP by its look, on a port where both come (RFC 5761 section 4). */
export function isRtcp(bytes: Buffer): boolean {
  return bytes.length >= 8 && (bytes[0] ?? 0) >> 6 === 2 && isRtcpType(bytes[1] ?? 0);
}

function isRtcpType(second: number): boolean {
  return second >= 192 && second <= 223;
}

/** Everything of a header but where the payload is. */
export type RtpHeader = Omit<RtpPacket, 'payload'>;

/** Writes the fixed header at the start of `into`. */
export function writeRtpHeader(into: Buffer, header: RtpHeader, hasExtension: boolean): void {
  into[0] = hasExtension ? 0x90 : 0x80;
  into[1] = header.marker ? 0x80 | header.payloadType : header.payloadType;
  into.writeUInt16BE(header.sequence, 2);
  into.writeUInt32BE(header.timestamp, 4);
  into.writeUInt32BE(header.ssrc, 8);
}
