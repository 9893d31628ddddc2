import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMessage, encodeMessage } from './binary.ts';
import { descriptors } from './gen/descriptors.ts';
import type { ProduceRequest } from './gen/types.ts';
import { ContractViolation, readerOf } from './read-message.ts';

const produce = {
  room: 'r',
  transportId: 't',
  kind: 'audio',
  source: 'microphone',
  rtpParameters: {
    codecs: [
      {
        mimeType: 'audio/opus',
        payloadType: 100,
        clockRate: 48000,
        channels: 2,
        parameters: { useinbandfec: 1, 'profile-level-id': '42e01f', strict: true },
      },
    ],
    encodings: [{ ssrc: 1234 }],
  },
};

function violation(message: string, raw: unknown): string {
  try {
    readerOf(message)(raw, '');
  } catch (error) {
    if (error instanceof ContractViolation) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('readerOf()', () => {
  it('refuses what is not an object', () => {
    for (const raw of [undefined, null, 1, 'x', true, [], [{}]]) {
      expect(violation('JoinRequest', raw)).toBe('the message must be an object');
    }
  });

  it('names the field that is missing, empty, of the wrong type or too long', () => {
    expect(violation('JoinRequest', {})).toBe('room is required');
    expect(violation('JoinRequest', { room: '' })).toBe('room must not be empty');
    expect(violation('JoinRequest', { room: 7 })).toBe('room must be a string');
    expect(violation('JoinRequest', { room: 'x'.repeat(129) })).toBe('room must be at most 128 bytes');
    expect(violation('JoinRequest', { room: '../etc' })).toMatch(/^room must match /);
    expect(violation('JoinRequest', { room: 'r', options: { maxPeers: 0 } })).toBe(
      'options.maxPeers must be from 1 to 100000',
    );
    expect(violation('JoinRequest', { room: 'r', options: { maxPeers: 1.5 } })).toBe(
      'options.maxPeers must be a whole number',
    );
  });

  it('counts bytes, not UTF-16 units', () => {
    expect(violation('SendMessageRequest', { room: 'r', clientId: 'c1', text: '€'.repeat(5461) })).toBe('accepted');
    expect(violation('SendMessageRequest', { room: 'r', clientId: 'c1', text: '€'.repeat(5462) })).toBe(
      'text must be at most 16384 bytes',
    );
  });

  it('refuses half of a surrogate pair, which has no UTF-8', () => {
    expect(violation('SendMessageRequest', { room: 'r', clientId: 'c1', text: 'a\ud800' })).toBe(
      'text must be well-formed Unicode',
    );
  });

  it('refuses members that the contract does not name, and clips their names', () => {
    expect(violation('SendMessageRequest', { room: 'r', clientId: 'c1', text: 'x', txet: 1 })).toBe(
      'txet is not known',
    );
    expect(violation('SendMessageRequest', { room: 'r', clientId: 'c1', text: 'x', ['y'.repeat(100)]: 1 })).toBe(
      `${'y'.repeat(64)}… is not known`,
    );
  });

  it('drops members that an open message does not name', () => {
    const withExtra = { ...produce, rtpParameters: { ...produce.rtpParameters, msid: 'a b' } };
    const message = readerOf('ProduceRequest')(withExtra, '') as unknown as ProduceRequest;
    expect(message.rtpParameters).not.toHaveProperty('msid');
  });

  it('names the place inside lists and maps', () => {
    const codec = produce.rtpParameters.codecs[0];
    const withCodec = (patch: object) => ({ ...produce, rtpParameters: { codecs: [{ ...codec, ...patch }] } });
    expect(violation('ProduceRequest', withCodec({ mimeType: 'x' }))).toMatch(
      /^rtpParameters\.codecs\[0\]\.mimeType must match/,
    );
    expect(violation('ProduceRequest', withCodec({ payloadType: 128 }))).toBe(
      'rtpParameters.codecs[0].payloadType must be from 0 to 127',
    );
    expect(violation('ProduceRequest', withCodec({ parameters: { apt: {} } }))).toMatch(
      /^rtpParameters\.codecs\[0\]\.parameters\.apt must be/,
    );
    expect(violation('ProduceRequest', { ...produce, rtpParameters: { codecs: [] } })).toBe(
      'rtpParameters.codecs must have at least 1 entries',
    );
    expect(violation('ProduceRequest', { ...produce, rtpParameters: { codecs: Array(33).fill(codec) } })).toBe(
      'rtpParameters.codecs must have at most 32 entries',
    );
  });

  it('refuses keys of maps that are long or have no UTF-8, and clips them', () => {
    const withKey = (key: string, value: unknown = 1) => {
      const codec = { ...produce.rtpParameters.codecs[0], parameters: { [key]: value } };
      return violation('ProduceRequest', { ...produce, rtpParameters: { codecs: [codec] } });
    };
    const place = 'rtpParameters.codecs[0].parameters';
    expect(withKey('€'.repeat(42))).toBe('accepted');
    expect(withKey('€'.repeat(43))).toBe(`${place} must have no keys of more than 128 bytes`);
    expect(withKey('k'.repeat(60_000), {})).toBe(`${place} must have no keys of more than 128 bytes`);
    expect(withKey('a\ud800')).toBe(`${place} must have keys of well-formed Unicode`);
    expect(withKey('k'.repeat(100), {})).toMatch(/\.k{64}… must be a string/);
  });

  it('repeats names as well-formed Unicode, also where it clips them', () => {
    expect(violation('ConnectRequest', { 'a\ud800': 1 })).toBe('a\ufffd is not known');
    expect(violation('ConnectRequest', { [`${'a'.repeat(63)}😀b`]: 1 })).toBe(`${'a'.repeat(63)}\ufffd… is not known`);
  });

  it('refuses empty and malformed DTLS fingerprints', () => {
    const request = (fingerprints: unknown) => ({ room: 'r', transportId: 't', dtlsParameters: { fingerprints } });
    expect(violation('ConnectTransportRequest', request([]))).toBe(
      'dtlsParameters.fingerprints must have at least 1 entries',
    );
    expect(violation('ConnectTransportRequest', request([{ algorithm: 'sha-256', value: '' }]))).toBe(
      'dtlsParameters.fingerprints[0].value must not be empty',
    );
    expect(violation('ConnectTransportRequest', request([{ algorithm: 'md5', value: 'AA:BB' }]))).toMatch(
      /^dtlsParameters\.fingerprints\[0\]\.algorithm must be one of sha-1/,
    );
  });

  it('refuses line breaks in what goes into the SDP of others', () => {
    const withRtcp = (rtcp: object) => ({ ...produce, rtpParameters: { ...produce.rtpParameters, rtcp } });
    expect(violation('ProduceRequest', withRtcp({ cname: 'x\r\nm=video 9' }))).toMatch(
      /^rtpParameters\.rtcp\.cname must match/,
    );
    const feedback = { type: 'nack', parameter: 'pli\r\na=x' };
    const codecs = [{ ...produce.rtpParameters.codecs[0], rtcpFeedback: [feedback] }];
    expect(violation('ProduceRequest', { ...produce, rtpParameters: { codecs } })).toMatch(
      /rtcpFeedback\[0\]\.parameter must match/,
    );
  });

  it('fills in defaults and keeps absent optional fields absent', () => {
    expect(readerOf('ConnectRequest')({}, '')).toEqual({ token: '' });
    expect(readerOf('RoomOptions')({}, '')).toEqual({ direct: '', e2ee: false });
  });

  it('reads the same from JSON and from protobuf', () => {
    const fromJson = readerOf('ProduceRequest')(structuredClone(produce), '');
    const fromBinary = readerOf('ProduceRequest')(
      decodeMessage('ProduceRequest', encodeMessage('ProduceRequest', produce)),
      '',
    );
    expect(fromBinary).toEqual(fromJson);
  });

  it('answers any JSON value with a message or a ContractViolation, never with anything else', () => {
    const names = Object.keys(descriptors.messages);
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.jsonValue({ maxDepth: 4 }), (name, raw) => {
        violation(name, raw);
      }),
      { numRuns: 2000 },
    );
  });

  it('lets no key reach the prototype', () => {
    const raw = JSON.parse(JSON.stringify(produce).replace('"useinbandfec"', '"__proto__"')) as object;
    const message = readerOf('ProduceRequest')(raw, '') as unknown as ProduceRequest;
    expect(Object.keys(message.rtpParameters.codecs[0]?.parameters ?? {})).toEqual(['profile-level-id', 'strict']);
    expect(({} as Record<string, unknown>)['useinbandfec']).toBeUndefined();
  });
});

describe('the contract', () => {
  it('has a reader for every message and a policy for every method', () => {
    for (const name of Object.keys(descriptors.messages)) expect(readerOf(name)).toBeTypeOf('function');
    for (const method of Object.values(descriptors.methods)) {
      expect(descriptors.messages).toHaveProperty(method.request);
      expect(descriptors.messages).toHaveProperty(method.response);
    }
  });

  it('bounds every string, list and map of a request', () => {
    const requests = Object.values(descriptors.methods).map((method) => method.request);
    for (const name of requests) {
      for (const field of descriptors.messages[name]?.fields ?? []) {
        if (field.type === 'string')
          expect(field.limits.maxBytes ?? field.limits.in, `${name}.${field.name}`).toBeDefined();
      }
    }
  });
});

describe('bytes', () => {
  it('come from decoded protobuf as they are, empty where they are missing', () => {
    const decoded = decodeMessage('DataToServer', encodeMessage('DataToServer', { payload: Uint8Array.of(1, 2, 3) }));
    expect(readerOf('DataToServer')(decoded, '')['payload']).toEqual(Buffer.of(1, 2, 3));
    expect(readerOf('DataToServer')({}, '')['payload']).toEqual(new Uint8Array());
  });

  it('are refused beyond their limit and as anything else', () => {
    expect(violation('DataToServer', { payload: new Uint8Array(262_145) })).toBe(
      'payload must be at most 262144 bytes',
    );
    for (const raw of ['AQID', [1, 2], {}, 1]) {
      expect(violation('DataToServer', { payload: raw })).toBe('payload must be bytes');
    }
  });
});
