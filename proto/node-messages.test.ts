import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeDescriptors } from './gen/node-descriptors.ts';
import type { BusFrame, NodeMessages, OpenTrackResponse } from './gen/node-types.ts';
import { encodeNodeMessage, readNodeMessage } from './node-messages.ts';

const names = Object.keys(nodeDescriptors.messages) as (keyof NodeMessages)[];

describe('messages between nodes', () => {
  it('come out of bytes as they went in, messages of the client contract in them', () => {
    const peer = {
      peerId: 'p_1',
      identity: 'ann',
      name: 'Ann ✨',
      metadata: '',
      kind: 'client' as const,
      joinedAtMs: 1_700_000_000_000,
      away: false,
      producers: [],
    };
    const frame: BusFrame = {
      version: 1,
      cluster: '0badcafe',
      from: 'one~abcdefghijkl',
      part: {
        room: 'r',
        version: 7,
        index: 0,
        last: true,
        gone: false,
        peers: [{ peer, generation: 2, sessionHash: 'h', shapes: [] }],
      },
    };
    expect(readNodeMessage('BusFrame', encodeNodeMessage('BusFrame', frame))).toEqual(frame);
  });

  it('carry format parameters as the strings, numbers and booleans that they are', () => {
    const parameters = { 'profile-level-id': '42e01f', useinbandfec: 1, zero: 0, empty: '', no: false, yes: true };
    const response: OpenTrackResponse = {
      kind: 'audio',
      paused: false,
      rtpParameters: {
        codecs: [{ mimeType: 'audio/opus', payloadType: 100, clockRate: 48_000, parameters, rtcpFeedback: [] }],
        headerExtensions: [],
        encodings: [],
      },
    };
    expect(readNodeMessage('OpenTrackResponse', encodeNodeMessage('OpenTrackResponse', response))).toEqual(response);
  });

  it('carry a mention of the longest message', () => {
    const record = {
      seq: 1,
      messageId: 'm',
      kind: 'message' as const,
      atMs: 1,
      identity: 'ann',
      name: 'Ann',
      clientId: 'c',
      message: { text: 'x'.repeat(16_384), mentions: ['bob'], reactions: [], changedSeq: 0 },
    };
    const frame: BusFrame = {
      version: 1,
      cluster: '0badcafe',
      from: 'one~abcdefghijkl',
      toUsers: { identities: ['bob'], mentioned: { room: 'r', record } },
    };
    expect(readNodeMessage('BusFrame', encodeNodeMessage('BusFrame', frame))).toEqual(frame);
  });

  it('are not read beyond their limits', () => {
    const offer = { ip: '10.0.0.1', port: 0, cryptoSuite: 'AEAD_AES_256_GCM', sealedKey: new Uint8Array(72) };
    const encode = (port: number, keyBytes = 72) =>
      encodeNodeMessage('OpenPipeResponse', { offer: { ...offer, port, sealedKey: new Uint8Array(keyBytes) } });
    expect(readNodeMessage('OpenPipeResponse', encode(41_000)).offer.port).toBe(41_000);
    expect(() => readNodeMessage('OpenPipeResponse', encode(0))).toThrow('offer.port must be from 1 to 65535');
    expect(() => readNodeMessage('OpenPipeResponse', encode(1, 129))).toThrow('offer.sealedKey');
    expect(() => readNodeMessage('OpenPipeResponse', new Uint8Array())).toThrow('offer is required');
  });

  it('drop what a later version has added', () => {
    const known = encodeNodeMessage('CommandResponse', { result: 'done' });
    // Field 999, a varint.
    const bytes = Uint8Array.of(...known, 0xb8, 0x3e, 0x01);
    expect(readNodeMessage('CommandResponse', bytes)).toEqual({ result: 'done' });
  });

  it('throw an Error for bytes that are no message, whatever they are', () => {
    const read = (name: keyof NodeMessages, bytes: Uint8Array) => {
      try {
        readNodeMessage(name, bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    };
    fc.assert(fc.property(fc.constantFrom(...names), fc.uint8Array({ maxLength: 200 }), read), { numRuns: 3000 });
  });
});
