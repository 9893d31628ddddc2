import { describe, expect, it } from 'vitest';
import {
  longTermKey,
  readErrorCode,
  readStun,
  readXorAddress,
  stunAttributes,
  stunTypes,
  writeStun,
  writeXorAddress,
} from './stun-message.ts';

/** RFC 5769 section 2.1: a request with short-term credentials, MESSAGE-INTEGRITY and FINGERPRINT. */
const rfcRequest = `000100582112a442b7e7a701bc34d686fa87dfae
  802200105354554e207465737420636c69656e74
  002400046e0001ff80290008932ff9b151263b36
  000600096576746a3a68367659202020
  000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2
  80280004e57a3bcf`.replace(/\s/g, '');

describe('a STUN message', () => {
  it('is signed and finished as in the test vector of RFC 5769', () => {
    const vector = Buffer.from(rfcRequest, 'hex');
    const read = readStun(vector);
    expect(read?.type).toBe(stunTypes.bindingRequest);
    expect(read?.attributes.get(stunAttributes.username)?.toString()).toBe('evtj:h6vY');
    const written = writeStun({
      type: stunTypes.bindingRequest,
      transactionId: Buffer.from('b7e7a701bc34d686fa87dfae', 'hex'),
      attributes: [...(read?.attributes ?? [])].filter(
        ([name]) => name !== stunAttributes.messageIntegrity && name !== stunAttributes.fingerprint,
      ),
      key: Buffer.from('VOkJxbRl1RmTxUk/WvJxBt'),
      fingerprint: true,
    });
    // The vector pads with spaces, which the signature covers: equal up to there.
    expect(written.byteLength).toBe(vector.byteLength);
    expect(written.subarray(0, 69)).toEqual(vector.subarray(0, 69));
  });

  it('has the long-term key of RFC 8489', () => {
    expect(longTermKey('user', 'realm', 'pass').toString('hex')).toBe('8493fbc53ba582fb4c044c456bdc40eb');
  });

  it('carries addresses there and back', () => {
    const address = { address: '203.0.113.7', port: 40_000 };
    expect(readXorAddress(writeXorAddress(address))).toEqual(address);
    expect(readXorAddress(Buffer.alloc(3))).toBeUndefined();
  });

  it('says why it was refused', () => {
    const value = Buffer.concat([Buffer.from([0, 0, 4, 1]), Buffer.from('Unauthorized')]);
    const refusal = readStun(writeStun({ type: 0x0113, attributes: [[stunAttributes.errorCode, value]] }));
    expect(refusal && readErrorCode(refusal)).toEqual({ code: 401, phrase: 'Unauthorized' });
  });

  it('that is cut anywhere, or is none, is not read', () => {
    const whole = Buffer.from(rfcRequest, 'hex');
    for (let length = 0; length < whole.byteLength; length++)
      expect(readStun(whole.subarray(0, length))).toBeUndefined();
    expect(readStun(Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'))).toBeUndefined();
  });
});
