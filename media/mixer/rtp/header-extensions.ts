// Header extensions of RTP (RFC 8285), and the one of them that tells how loud a packet is (RFC 6464).

/** RFC 6464: how loud a packet is. */
export const audioLevelUri = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level';

const fixedBytes = 12;
const shortForm = 0xbede;

/** How loud a packet says that it is, in dBov, 0 to -127; undefined: it does not say. `bytes` is a whole RTP packet. */
export function readAudioLevel(bytes: Buffer, extensionId: number): number | undefined {
  const at = findElement(bytes, extensionId);
  // The highest bit says whether the sender thinks that it is a voice; each decides that its own way.
  return at < 0 ? undefined : 0 - ((bytes[at] ?? 0) & 0x7f);
}

/** Where the data of an element of at least one byte begins; -1: the packet has no such element. */
function findElement(bytes: Buffer, wanted: number): number {
  if (bytes.length < fixedBytes || ((bytes[0] ?? 0) & 0x10) === 0) return -1;
  const at = fixedBytes + 4 * ((bytes[0] ?? 0) & 0x0f);
  if (bytes.length < at + 4) return -1;
  const profile = bytes.readUInt16BE(at);
  const isShort = profile === shortForm;
  // Elements with one byte of header, or with two: 0x100 and four bits for the application.
  if (!isShort && profile >> 4 !== 0x100) return -1;
  const end = Math.min(bytes.length, at + 4 + 4 * bytes.readUInt16BE(at + 2));
  for (let next = at + 4; next < end; ) {
    const head = bytes[next] ?? 0;
    // Padding between elements.
    if (head === 0) {
      next += 1;
      continue;
    }
    const id = isShort ? head >> 4 : head;
    // RFC 8285 section 4.2: 15 ends it.
    if (isShort && id === 15) return -1;
    const length = isShort ? (head & 0x0f) + 1 : (bytes[next + 1] ?? 0);
    const data = next + (isShort ? 1 : 2);
    if (id === wanted) return length > 0 && data < end ? data : -1;
    next = data + length;
  }
  return -1;
}

/** What {@link writeAudioLevel} writes. */
export const audioLevelBytes = 8;

/** Writes an extension of the level alone, in the form with one byte of header. `extensionId`: 1 to 14; `dbov`: 0 to -127. */
export function writeAudioLevel(into: Buffer, at: number, extensionId: number, dbov: number): void {
  const level = Math.min(127, Math.max(0, Math.round(-dbov)));
  into.writeUInt16BE(shortForm, at);
  into.writeUInt16BE(1, at + 2);
  into[at + 4] = extensionId << 4;
  // The bit of a voice: what is no deeper than a quiet room.
  into[at + 5] = level < voiceBelow ? 0x80 | level : level;
  into[at + 6] = 0;
  into[at + 7] = 0;
}

/** Quieter than -60 dBov nobody hears who speaks. */
const voiceBelow = 60;
