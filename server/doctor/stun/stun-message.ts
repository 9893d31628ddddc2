// STUN (RFC 8489) and what TURN (RFC 8656) and ICE (RFC 8445) add, as far as the doctor speaks it.

import { createHash, createHmac, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

export const stunTypes = {
  bindingRequest: 0x0001,
  bindingSuccess: 0x0101,
  bindingError: 0x0111,
  allocateRequest: 0x0003,
  refreshRequest: 0x0004,
  createPermissionRequest: 0x0008,
  sendIndication: 0x0016,
  dataIndication: 0x0017,
} as const;

export const stunAttributes = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  lifetime: 0x000d,
  xorPeerAddress: 0x0012,
  data: 0x0013,
  realm: 0x0014,
  nonce: 0x0015,
  xorRelayedAddress: 0x0016,
  requestedTransport: 0x0019,
  xorMappedAddress: 0x0020,
  priority: 0x0024,
  fingerprint: 0x8028,
  iceControlling: 0x802a,
} as const;

export interface StunMessage {
  readonly type: number;
  /** 12 bytes. */
  readonly transactionId: Buffer;
  readonly attributes: ReadonlyMap<number, Buffer>;
}

export interface StunAddress {
  readonly address: string;
  readonly port: number;
}

const magicCookie = 0x2112a442;
const headerBytes = 20;
const integrityBytes = 24;
const fingerprintBytes = 8;
const fingerprintXor = 0x5354554e;

export interface StunToWrite {
  readonly type: number;
  readonly transactionId?: Buffer;
  readonly attributes: readonly (readonly [type: number, value: Buffer])[];
  /** Of MESSAGE-INTEGRITY (RFC 8489 section 14.5). */
  readonly key?: Buffer | undefined;
  /** ICE asks for it (RFC 8445 section 7.1). */
  readonly fingerprint?: boolean;
}

export function writeStun(message: StunToWrite): Buffer {
  const { type, transactionId = randomBytes(12), attributes, key, fingerprint = false } = message;
  let written = Buffer.concat([
    Buffer.alloc(headerBytes),
    ...attributes.map(([name, value]) => writeAttribute(name, value)),
  ]);
  written.writeUInt16BE(type, 0);
  written.writeUInt32BE(magicCookie, 4);
  transactionId.copy(written, 8);
  // What is signed counts what signs it as a part of the message already.
  const setLength = (more: number) => written.writeUInt16BE(written.byteLength - headerBytes + more, 2);
  setLength(0);
  if (key) {
    setLength(integrityBytes);
    const digest = createHmac('sha1', key).update(written).digest();
    written = Buffer.concat([written, writeAttribute(stunAttributes.messageIntegrity, digest)]);
  }
  if (fingerprint) {
    setLength(fingerprintBytes);
    const value = Buffer.alloc(4);
    value.writeUInt32BE((crc32(written) ^ fingerprintXor) >>> 0);
    written = Buffer.concat([written, writeAttribute(stunAttributes.fingerprint, value)]);
  }
  return written;
}

/** Undefined for what is no STUN, or not whole. */
export function readStun(bytes: Buffer): StunMessage | undefined {
  if (bytes.byteLength < headerBytes || bytes.readUInt32BE(4) !== magicCookie) return undefined;
  const end = headerBytes + bytes.readUInt16BE(2);
  if (end > bytes.byteLength) return undefined;
  const attributes = new Map<number, Buffer>();
  for (let at = headerBytes; at + 4 <= end; ) {
    const length = bytes.readUInt16BE(at + 2);
    const from = at + 4;
    if (from + length > end) return undefined;
    const name = bytes.readUInt16BE(at);
    // RFC 8489 section 14: the first of several counts.
    if (!attributes.has(name)) attributes.set(name, bytes.subarray(from, from + length));
    at = from + length + padding(length);
  }
  return { type: bytes.readUInt16BE(0), transactionId: bytes.subarray(8, headerBytes), attributes };
}

/** How long the message at the beginning is, for reading from a stream; undefined: not known yet. */
export function stunLength(bytes: Buffer): number | undefined {
  return bytes.byteLength < 4 ? undefined : headerBytes + bytes.readUInt16BE(2);
}

/** RFC 8489 section 14.8. Undefined when there is none. */
export function readErrorCode({ attributes }: StunMessage): { code: number; phrase: string } | undefined {
  const value = attributes.get(stunAttributes.errorCode);
  if (!value || value.byteLength < 4) return undefined;
  return { code: (value.readUInt8(2) & 7) * 100 + value.readUInt8(3), phrase: value.subarray(4).toString('utf8') };
}

/** RFC 8489 section 14.2; IPv4 alone, which is all that is asked for. */
export function writeXorAddress({ address, port }: StunAddress): Buffer {
  const value = Buffer.alloc(8);
  value.writeUInt8(1, 1);
  value.writeUInt16BE(port ^ (magicCookie >>> 16), 2);
  const bytes = Buffer.from(address.split('.').map(Number));
  value.writeUInt32BE((bytes.readUInt32BE(0) ^ magicCookie) >>> 0, 4);
  return value;
}

export function readXorAddress(value: Buffer | undefined): StunAddress | undefined {
  if (!value || value.byteLength < 8 || value.readUInt8(1) !== 1) return undefined;
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE((value.readUInt32BE(4) ^ magicCookie) >>> 0);
  return { address: [...bytes].join('.'), port: value.readUInt16BE(2) ^ (magicCookie >>> 16) };
}

/** Of long-term credentials (RFC 8489 section 9.2.2). */
export function longTermKey(username: string, realm: string, password: string): Buffer {
  return createHash('md5').update(`${username}:${realm}:${password}`).digest();
}

function writeAttribute(name: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(name, 0);
  head.writeUInt16BE(value.byteLength, 2);
  return Buffer.concat([head, value, Buffer.alloc(padding(value.byteLength))]);
}

const padding = (length: number) => (4 - (length % 4)) % 4;
