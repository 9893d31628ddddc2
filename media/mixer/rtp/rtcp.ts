// Compound packets of RTCP (RFC 3550 section 6), of what calls between two need: reports, names, and the end.

/** RFC 3550 section 6.4.1, of one stream. */
export interface ReportBlock {
  readonly ssrc: number;
  /** Of 256. */
  readonly fractionLost: number;
  readonly lost: number;
  readonly highestSequence: number;
  /** In ticks of the stream's clock. */
  readonly jitter: number;
  /** The middle of the NTP time in the last sender report; 0: there was none. */
  readonly lastReport: number;
  /** Since then, in 1/65,536 s. */
  readonly sinceLastReport: number;
}

export interface SenderInfo {
  /** The middle 32 bits of its NTP time: 1/65,536 s. */
  readonly ntp: number;
  readonly timestamp: number;
  readonly packets: number;
  readonly octets: number;
}

export type RtcpPacket =
  | {
      readonly type: 'report';
      readonly ssrc: number;
      readonly sender?: SenderInfo;
      readonly blocks: readonly ReportBlock[];
    }
  | { readonly type: 'name'; readonly ssrc: number; readonly cname: string }
  | { readonly type: 'bye'; readonly ssrcs: readonly number[] };

const types = { senderReport: 200, receiverReport: 201, description: 202, bye: 203 };
const headerBytes = 4;
const senderInfoBytes = 20;
const blockBytes = 24;
const cnameItem = 1;

/** What is in it that we know; undefined: it is no RTCP, or cut off. */
export function parseRtcp(bytes: Buffer): RtcpPacket[] | undefined {
  const packets: RtcpPacket[] = [];
  if (bytes.length < headerBytes) return undefined;
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length < at + headerBytes || (bytes[at] ?? 0) >> 6 !== 2) return undefined;
    const end = at + headerBytes + 4 * bytes.readUInt16BE(at + 2);
    if (end > bytes.length) return undefined;
    const padding = (bytes[at] ?? 0) & 0x20 ? (bytes[end - 1] ?? 0) : 0;
    const body = bytes.subarray(at + headerBytes, Math.max(at + headerBytes, end - padding));
    const packet = parseOne(bytes[at + 1] ?? 0, (bytes[at] ?? 0) & 0x1f, body);
    if (packet) packets.push(packet);
    at = end;
  }
  return packets;
}

function parseOne(type: number, count: number, body: Buffer): RtcpPacket | undefined {
  if (type === types.senderReport || type === types.receiverReport) {
    const isSender = type === types.senderReport;
    const start = 4 + (isSender ? senderInfoBytes : 0);
    if (body.length < start + count * blockBytes) return undefined;
    const blocks = Array.from({ length: count }, (_, at) => parseBlock(body, start + at * blockBytes));
    const report = { type: 'report', ssrc: body.readUInt32BE(0), blocks } as const;
    return isSender ? { ...report, sender: parseSenderInfo(body) } : report;
  }
  if (type === types.description && count > 0) return parseName(body);
  if (type === types.bye && body.length >= count * 4) {
    return { type: 'bye', ssrcs: Array.from({ length: count }, (_, at) => body.readUInt32BE(4 * at)) };
  }
  return undefined;
}

function parseSenderInfo(body: Buffer): SenderInfo {
  return {
    ntp: body.readUInt32BE(6),
    timestamp: body.readUInt32BE(12),
    packets: body.readUInt32BE(16),
    octets: body.readUInt32BE(20),
  };
}

function parseBlock(body: Buffer, at: number): ReportBlock {
  return {
    ssrc: body.readUInt32BE(at),
    fractionLost: body.readUInt8(at + 4),
    lost: body.readIntBE(at + 5, 3),
    highestSequence: body.readUInt32BE(at + 8),
    jitter: body.readUInt32BE(at + 12),
    lastReport: body.readUInt32BE(at + 16),
    sinceLastReport: body.readUInt32BE(at + 20),
  };
}

/** The name of the first source that is described. */
function parseName(body: Buffer): RtcpPacket | undefined {
  if (body.length < 4) return undefined;
  for (let at = 4; at + 2 <= body.length && body[at] !== 0; ) {
    const end = at + 2 + (body[at + 1] ?? 0);
    if (end > body.length) return undefined;
    if (body[at] === cnameItem) {
      return { type: 'name', ssrc: body.readUInt32BE(0), cname: body.toString('utf8', at + 2, end) };
    }
    at = end;
  }
  return undefined;
}

export interface RtcpReport {
  readonly ssrc: number;
  /** What was sent since the report before; none: it is a receiver's report. `ntpMs`: of any clock that goes evenly. */
  readonly sender?: Omit<SenderInfo, 'ntp'> & { readonly ntpMs: number };
  readonly block?: ReportBlock;
  /** At most 255 bytes. */
  readonly cname: string;
  readonly bye?: boolean;
}

/** Writes a compound packet at the start of `into`; answers its length. */
export function writeRtcp(into: Buffer, { ssrc, sender, block, cname, bye = false }: RtcpReport): number {
  let at = into.writeUInt32BE(ssrc, headerBytes);
  if (sender) {
    at = into.writeUInt32BE(Math.floor(sender.ntpMs / 1000) >>> 0, at);
    at = into.writeUInt32BE(Math.floor((sender.ntpMs % 1000) * 4_294_967.296) >>> 0, at);
    at = into.writeUInt32BE(sender.timestamp, at);
    at = into.writeUInt32BE(sender.packets >>> 0, at);
    at = into.writeUInt32BE(sender.octets >>> 0, at);
  }
  if (block) at = writeBlock(into, at, block);
  writeHeader(into, 0, at, sender ? types.senderReport : types.receiverReport, block ? 1 : 0);
  at = writeName(into, at, ssrc, cname);
  if (!bye) return at;
  const end = into.writeUInt32BE(ssrc, at + headerBytes);
  writeHeader(into, at, end, types.bye, 1);
  return end;
}

function writeBlock(into: Buffer, from: number, block: ReportBlock): number {
  let at = into.writeUInt32BE(block.ssrc, from);
  at = into.writeUInt8(block.fractionLost, at);
  at = into.writeIntBE(Math.max(-0x80_0000, Math.min(0x7f_ffff, block.lost)), at, 3);
  at = into.writeUInt32BE(block.highestSequence, at);
  at = into.writeUInt32BE(block.jitter >>> 0, at);
  at = into.writeUInt32BE(block.lastReport, at);
  return into.writeUInt32BE(block.sinceLastReport, at);
}

function writeName(into: Buffer, from: number, ssrc: number, cname: string): number {
  let at = into.writeUInt32BE(ssrc, from + headerBytes);
  const bytes = into.write(cname, at + 2, 255, 'utf8');
  into[at] = cnameItem;
  into[at + 1] = bytes;
  at += 2 + bytes;
  // A zero ends the items, and more of them fill the last word.
  const end = at + 4 - (at % 4);
  into.fill(0, at, end);
  writeHeader(into, from, end, types.description, 1);
  return end;
}

function writeHeader(into: Buffer, at: number, end: number, type: number, count: number): void {
  into[at] = 0x80 | count;
  into[at + 1] = type;
  into.writeUInt16BE((end - at) / 4 - 1, at + 2);
}
