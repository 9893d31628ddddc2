import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fixedHeaderBytes, parseRtp, writeRtpHeader } from './rtp-packet.ts';
import { SrtpContext, type SrtpKey, srtcpRoomBytes, srtpRoomBytes } from './srtp-context.ts';
import { deriveKey, labels, SrtpKeys } from './srtp-keys.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
/** RFC 3711 appendix B.3. */
const master = hex('E1F97A0D3E018BE0D64FA32C06DE4139 0EC675AD498AFEEBB6960B3AABE6');
const long: SrtpKey = { suite: 'AES_CM_128_HMAC_SHA1_80', key: master };
const short: SrtpKey = { suite: 'AES_CM_128_HMAC_SHA1_32', key: master };
const other: SrtpKey = { ...long, key: Buffer.alloc(30, 7) };

function rtp(sequence: number, { ssrc = 1, text = `packet ${sequence}` } = {}): Buffer {
  const packet = Buffer.alloc(fixedHeaderBytes + text.length);
  const numbers = { sequence: sequence & 0xffff, timestamp: sequence * 160, ssrc };
  writeRtpHeader(packet, { payloadType: 0, marker: false, ...numbers }, false);
  packet.write(text, fixedHeaderBytes);
  return packet;
}

function protectedBy(context: SrtpContext, plain: Buffer): Buffer {
  const packet = Buffer.concat([plain, Buffer.alloc(srtpRoomBytes)]);
  return packet.subarray(0, context.protect(packet, plain.length));
}

function protectedRtcp(context: SrtpContext, plain: Buffer): Buffer {
  const packet = Buffer.concat([plain, Buffer.alloc(srtcpRoomBytes)]);
  return packet.subarray(0, context.protectRtcp(packet, plain.length));
}

function textOf(packet: Buffer | undefined): string | undefined {
  return packet && parseRtp(packet)?.payload.toString();
}

describe('the keys of SRTP', () => {
  test('are derived as in RFC 3711, appendix B.3', () => {
    expect(deriveKey(master, labels.rtp.cipher, 16)).toEqual(hex('C61E7A93744F39EE10734AFE3FF7A087'));
    expect(deriveKey(master, labels.rtp.salt, 14)).toEqual(hex('30CBBC08863D8C85D49DB34A9AE1'));
    expect(deriveKey(master, labels.rtp.auth, 94)).toEqual(
      hex(`CEBE321F6FF7716B6FD4AB49AF256A15 6D38BAA48F0A0ACF3C34E2359E6CDBCE E049646C43D9327AD175578EF7227098
        6371C10C9A369AC2F94A8C5FBCDDDC25 6D6E919A48B610EF17C2041E47403576 6B68642C59BBFC2F34DB60DBDFB2`),
    );
  });

  test('make the keystream of AES in counter mode and the HMAC of the library', () => {
    const keys = new SrtpKeys(master, labels.rtp);
    const cases = fc.record({
      bytes: fc.uint8Array({ minLength: 1, maxLength: 400 }),
      ssrc: fc.integer({ min: 0, max: 0xffff_ffff }),
      index: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
    });
    fc.assert(
      fc.property(cases, ({ bytes, ssrc, index }) => {
        const packet = Buffer.from(bytes);
        keys.crypt(packet, 0, packet.length, ssrc, index);
        // RFC 3711 section 4.1.1, by arithmetic: the derivation with the salt changed by the same sum.
        const salt = BigInt(`0x${deriveKey(master, labels.rtp.salt, 14).toString('hex')}`) << 16n;
        const start = salt ^ (BigInt(ssrc) << 64n) ^ (BigInt(index) << 16n);
        const key = deriveKey(master, labels.rtp.cipher, 16);
        const counterKey = Buffer.concat([key, hex(start.toString(16).padStart(32, '0')).subarray(0, 14)]);
        const stream = deriveKey(counterKey, 0, packet.length);
        expect(packet).toEqual(Buffer.from(bytes.map((byte, at) => byte ^ stream[at]!)));
        const hmac = createHmac('sha1', deriveKey(master, labels.rtp.auth, 20))
          .update(packet)
          .digest('binary');
        expect(keys.sign(packet, packet.length)).toBe(hmac);
      }),
    );
  });

  test('make the keystream of RFC 3711, appendix B.2', () => {
    // The session key there is what no master key is known for: its salt stands in the master's place, label 0.
    const sessionKey = hex('2B7E151628AED2A6ABF7158809CF4F3C F0F1F2F3F4F5F6F7F8F9FAFBFCFD');
    expect(deriveKey(sessionKey, 0, 48)).toEqual(
      hex('E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB 41E95B3BB0A2E8DD477901E4FCA894C0'),
    );
    const far = deriveKey(sessionKey, 0, 16 * 0xff02);
    expect(far.subarray(-48)).toEqual(
      hex('EC8CDF7398607CB0F2D21675EA9EA1E4 362B7C3C6773516318A077D7FC5073AE 6A2CC3787889374FBEB4C81B17BA6C44'),
    );
  });
});

describe('SRTP', () => {
  // The packets that libsrtp checks itself with.
  const plainRtp = hex('800f1234decafbadcafebabe abababababababababababababababab');
  const secretRtp = hex('800f1234decafbadcafebabe 4e55dc4ce79978d88ca4d215949d2402 b78d6acc99ea179b8dbb');
  const plainRtcp = hex('81c8000bcafebabe abababababababababababababababab');
  const secretRtcp = hex('81c8000bcafebabe 7128035be487b9bdbef89041f977a5a8 80000001 993e08cd54d6c1230798');

  test('makes and reads the packets that libsrtp makes', () => {
    expect(protectedBy(new SrtpContext(long), plainRtp)).toEqual(secretRtp);
    expect(new SrtpContext(long).unprotect(Buffer.from(secretRtp))).toEqual(plainRtp);
    expect(protectedBy(new SrtpContext(short), plainRtp)).toEqual(secretRtp.subarray(0, -6));
    expect(new SrtpContext(short).unprotect(Buffer.from(secretRtp.subarray(0, -6)))).toEqual(plainRtp);
    expect(new SrtpContext(long).unprotectRtcp(Buffer.from(secretRtcp))).toEqual(plainRtcp);
    const sender = new SrtpContext(long);
    // The second one has the index 1.
    protectedRtcp(sender, plainRtcp);
    expect(protectedRtcp(sender, plainRtcp)).toEqual(secretRtcp);
    // The short tag is RTP's alone.
    expect(new SrtpContext(short).unprotectRtcp(Buffer.from(secretRtcp))).toEqual(plainRtcp);
  });

  test.each([long, short])('takes what it sent, in any order, once, over many turns of 16 bits: $suite', (key) => {
    const [sender, receiver] = [new SrtpContext(key), new SrtpContext(key)];
    for (let at = 65_000; at < 65_000 + 3 * 65_536; at += 61) {
      const packets = [at, at + 20, at + 10].map((sequence) => protectedBy(sender, rtp(sequence)));
      const copies = packets.map((packet) => Buffer.from(packet));
      expect(packets.map((packet) => textOf(receiver.unprotect(packet)))).toEqual(
        [at, at + 20, at + 10].map((sequence) => `packet ${sequence}`),
      );
      for (const copy of copies) expect(receiver.unprotect(copy)).toBeUndefined();
    }
  });

  test('refuses what is older than its window, though it is authentic', () => {
    const [sender, receiver] = [new SrtpContext(long), new SrtpContext(long)];
    const packets = Array.from({ length: 300 }, (_, at) => protectedBy(sender, rtp(at)));
    receiver.unprotect(packets[299]!);
    expect(receiver.unprotect(packets[171]!)).toBeUndefined();
    expect(textOf(receiver.unprotect(packets[172]!))).toBe('packet 172');
  });

  test('refuses each change of a single bit, and no forgery moves its window', () => {
    const secret = protectedBy(new SrtpContext(long), rtp(5));
    const receiver = new SrtpContext(long);
    for (let bit = 0; bit < secret.length * 8; bit++) {
      const forged = Buffer.from(secret);
      forged[bit >> 3] = forged[bit >> 3]! ^ (1 << (bit & 7));
      expect(receiver.unprotect(forged)).toBeUndefined();
    }
    expect(textOf(receiver.unprotect(secret))).toBe('packet 5');
    expect(receiver.state().streams).toHaveLength(1);
  });

  test('refuses any bytes at all without a throw', () => {
    const receiver = new SrtpContext(long);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.integer({ min: 0, max: 255 }), (random, first) => {
        const bytes = Buffer.from(random);
        if (bytes.length > 1) bytes[0] = 0x80 | (first & 0x3f);
        if (bytes.length > 1) bytes[1] = first;
        expect(receiver.unprotect(bytes)).toBeUndefined();
        expect(receiver.unprotectRtcp(bytes)).toBeUndefined();
        expect([-1, bytes.length + 10]).toContain(
          new SrtpContext(long).protect(Buffer.concat([bytes, Buffer.alloc(10)]), bytes.length),
        );
      }),
    );
    expect(receiver.unprotect(Buffer.alloc(3_000, 0x80))).toBeUndefined();
  });

  test('counts on where the same key comes again, and anew with another', () => {
    const [sender, receiver] = [new SrtpContext(long), new SrtpContext(long)];
    for (const sequence of [65_534, 65_535, 65_536]) receiver.unprotect(protectedBy(sender, rtp(sequence)));
    sender.rekey({ ...long, key: Buffer.from(master) });
    receiver.rekey(long);
    expect(textOf(receiver.unprotect(protectedBy(sender, rtp(65_537))))).toBe('packet 65537');
    const before = protectedBy(sender, rtp(65_538));
    sender.rekey(other);
    receiver.rekey(other);
    expect(receiver.unprotect(before)).toBeUndefined();
    const after = protectedBy(sender, rtp(65_539));
    expect(after).toEqual(protectedBy(new SrtpContext(other), rtp(65_539)));
    expect(textOf(receiver.unprotect(after))).toBe('packet 65539');
  });

  test('finds out whether a phone with a new key counts on or anew', () => {
    const [sender, receiver] = [new SrtpContext(long), new SrtpContext(long)];
    for (const sequence of [65_534, 65_535, 65_536]) receiver.unprotect(protectedBy(sender, rtp(sequence)));
    const counting = new SrtpContext({ state: { ...sender.state(), key: other } });
    receiver.rekey(other);
    expect(textOf(receiver.unprotect(protectedBy(counting, rtp(65_537))))).toBe('packet 65537');
    expect(textOf(receiver.unprotect(protectedBy(counting, rtp(65_538))))).toBe('packet 65538');
  });

  test('moves to another thread with all that it was', () => {
    const sender = new SrtpContext(long);
    let receiver = new SrtpContext(long);
    const packets = [65_535, 65_536, 65_537].map((sequence) => protectedBy(sender, rtp(sequence)));
    const rtcp = protectedRtcp(sender, plainRtcp);
    receiver.unprotect(Buffer.from(packets[1]!));
    receiver.unprotect(Buffer.from(packets[0]!));
    receiver.unprotectRtcp(Buffer.from(rtcp));
    receiver = new SrtpContext({ state: structuredClone(receiver.state()) });
    expect(receiver.unprotect(Buffer.from(packets[0]!))).toBeUndefined();
    expect(receiver.unprotectRtcp(Buffer.from(rtcp))).toBeUndefined();
    expect(textOf(receiver.unprotect(packets[2]!))).toBe('packet 65537');
    const moved = new SrtpContext({ state: structuredClone(sender.state()) });
    expect(textOf(receiver.unprotect(protectedBy(moved, rtp(65_538))))).toBe('packet 65538');
    expect(receiver.unprotectRtcp(protectedRtcp(moved, plainRtcp))).toEqual(plainRtcp);
  });

  test('reads packets that name their master key', () => {
    const secret = protectedBy(new SrtpContext(long), rtp(5));
    const named = Buffer.concat([secret.subarray(0, -10), hex('00000001'), secret.subarray(-10)]);
    const receiver = new SrtpContext({ ...long, mkiBytes: 4 });
    expect(textOf(receiver.unprotect(named))).toBe('packet 5');
  });

  test('reads RTCP that is signed and not encrypted', () => {
    const keys = new SrtpKeys(master, labels.rtcp);
    const packet = Buffer.concat([plainRtcp, hex('00000007')]);
    const whole = Buffer.concat([packet, Buffer.from(keys.sign(packet, packet.length), 'latin1').subarray(0, 10)]);
    expect(new SrtpContext(long).unprotectRtcp(whole)).toEqual(plainRtcp);
  });

  test('encrypts no header: neither contributors nor the extension', () => {
    const packet = Buffer.alloc(12 + 4 + 8 + 20);
    writeRtpHeader(packet, { payloadType: 0, marker: false, sequence: 1, timestamp: 2, ssrc: 3 }, true);
    packet[0] = packet[0]! | 1;
    packet.writeUInt32BE(0xbede_0001, 16);
    const secret = protectedBy(new SrtpContext(long), packet);
    expect(secret.subarray(0, 24)).toEqual(packet.subarray(0, 24));
    expect(secret.subarray(24, 44)).not.toEqual(packet.subarray(24));
    expect(new SrtpContext(long).unprotect(secret)).toEqual(packet);
  });

  test('remembers sixteen streams', () => {
    const [sender, receiver] = [new SrtpContext(long), new SrtpContext(long)];
    for (let ssrc = 1; ssrc <= 100; ssrc++) receiver.unprotect(protectedBy(sender, rtp(1, { ssrc })));
    expect(receiver.state().streams.map(([ssrc]) => ssrc)).toEqual(Array.from({ length: 16 }, (_, at) => 85 + at));
  });

  test('takes no key of another length', () => {
    const context = new SrtpContext(long);
    expect(() => new SrtpContext({ ...long, key: Buffer.alloc(16) })).toThrow(RangeError);
    expect(() => context.rekey({ ...long, key: Buffer.alloc(46) })).toThrow(RangeError);
    expect(protectedBy(context, plainRtp)).toEqual(secretRtp);
  });
});
