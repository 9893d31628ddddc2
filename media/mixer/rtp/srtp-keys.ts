import { type Cipher, createCipheriv, hash } from 'node:crypto';

/** What RFC 4568 section 6.2 has, of 128 bits. */
export type SrtpSuite = 'AES_CM_128_HMAC_SHA1_80' | 'AES_CM_128_HMAC_SHA1_32';

const keyBytes = 16;
const saltBytes = 14;
/** The key and salt that an `a=crypto` line brings (RFC 4568 section 6.1). */
export const masterBytes = keyBytes + saltBytes;
const authKeyBytes = 20;
const blockBytes = 16;
/** Of SHA-1. */
const hashBlockBytes = 64;
const digestBytes = 20;
/** Longer ones no path of Ethernet carries in one piece. */
export const maxPacketBytes = 2_048;

/** RFC 3711 section 4.3.2: what each derived key is for. */
export const labels = {
  rtp: { cipher: 0, auth: 1, salt: 2 },
  rtcp: { cipher: 3, auth: 4, salt: 5 },
} as const;

/** RFC 3711 section 4.3.1, with a key derivation rate of 0, as RFC 4568 section 6.3.1 has it where nothing is said. */
export function deriveKey(master: Uint8Array, label: number, length: number): Buffer {
  const start = Buffer.alloc(blockBytes);
  start.set(master.subarray(keyBytes, masterBytes));
  start[7] = (start[7] ?? 0) ^ label;
  const cipher = createCipheriv('aes-128-ctr', master.subarray(0, keyBytes), start);
  return cipher.update(Buffer.alloc(length));
}

// Work space of one call; nothing of it is read by the next.
const counters = Buffer.alloc(Math.ceil(maxPacketBytes / blockBytes) * blockBytes);

/**
 * The keys of RTP, or of RTCP, of one direction. A cipher lives as long as its key and makes keystream from counters
 * (AES in counter mode is that), and the HMAC is two plain hashes: making new objects of the library for each packet takes
 * several times as long.
 */
export class SrtpKeys {
  readonly #cipher: Cipher;
  readonly #salt: Buffer;
  /** The padded key, then room for what is hashed (RFC 2104). */
  readonly #inner = Buffer.alloc(hashBlockBytes + maxPacketBytes + 4);
  readonly #outer = Buffer.alloc(hashBlockBytes + digestBytes);

  constructor(master: Uint8Array, label: { readonly cipher: number; readonly auth: number; readonly salt: number }) {
    this.#cipher = createCipheriv('aes-128-ecb', deriveKey(master, label.cipher, keyBytes), null).setAutoPadding(false);
    this.#salt = deriveKey(master, label.salt, saltBytes);
    const auth = deriveKey(master, label.auth, authKeyBytes);
    for (let at = 0; at < hashBlockBytes; at++) {
      this.#inner[at] = (auth[at] ?? 0) ^ 0x36;
      this.#outer[at] = (auth[at] ?? 0) ^ 0x5c;
    }
  }

  /** Encrypts, or decrypts, what is between `from` and `to` in place. `index`: 48 bits (RFC 3711 section 4.1.1). */
  crypt(packet: Buffer, from: number, to: number, ssrc: number, index: number): void {
    const blocks = Math.ceil((to - from) / blockBytes);
    if (blocks <= 0) return;
    counters.set(this.#salt);
    counters.writeInt32BE(counters.readInt32BE(4) ^ ssrc, 4);
    counters.writeUInt16BE(counters.readUInt16BE(8) ^ Math.floor(index / 0x1_0000_0000), 8);
    counters.writeInt32BE(counters.readInt32BE(10) ^ (index | 0), 10);
    for (let block = 0; block < blocks; block++) {
      const at = block * blockBytes;
      if (block > 0) counters.copyWithin(at, 0, saltBytes);
      counters.writeUInt16BE(block, at + saltBytes);
    }
    const stream = this.#cipher.update(counters.subarray(0, blocks * blockBytes));
    for (let at = from; at < to; at++) packet[at] = (packet[at] ?? 0) ^ (stream[at - from] ?? 0);
  }

  /** HMAC-SHA1 of the first bytes and, where it is given, of a number of 32 bits behind them; a character for each byte. */
  sign(packet: Buffer, length: number, rolloverCounter?: number): string {
    packet.copy(this.#inner, hashBlockBytes, 0, length);
    let end = hashBlockBytes + length;
    if (rolloverCounter !== undefined) end = this.#inner.writeUInt32BE(rolloverCounter, end);
    const digest = hash('sha1', this.#inner.subarray(0, end), 'binary');
    this.#outer.write(digest, hashBlockBytes, digestBytes, 'latin1');
    return hash('sha1', this.#outer, 'binary');
  }
}

/** Whether a tag stands there, in a time that does not tell how much of it is right. */
export function hasTag(packet: Buffer, at: number, tagBytes: number, signature: string): boolean {
  let difference = 0;
  for (let byte = 0; byte < tagBytes; byte++) difference |= (packet[at + byte] ?? 0) ^ signature.charCodeAt(byte);
  return difference === 0;
}
