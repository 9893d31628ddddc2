import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codecKey, routerCodecs } from '../codecs.ts';
import { fromRouterCodecs } from './convert.ts';
import { edgeCodecs } from './edge-codecs.ts';

// mediasoup's own rules, which need no worker. The package exports them to nobody, hence the path.
const ortc = await import(new URL('../../node_modules/mediasoup/node/lib/ortc.js', import.meta.url).href as string);

const keys = routerCodecs.map(codecKey);

function typesIn(codecs: ReturnType<typeof edgeCodecs>): Map<string, number> {
  return new Map(codecs.map((codec) => [codecKey(codec), codec.preferredPayloadType]));
}

describe('edgeCodecs()', () => {
  test('keeps every codec of Chromium and of Firefox', () => {
    const chromium = new Map([
      ['audio/opus', 111],
      ['video/VP8', 96],
      ['video/VP9;profile-id=0', 98],
      ['video/VP9;profile-id=2', 100],
      ['video/H264;packetization-mode=1;profile-level-id=42e01f', 108],
      ['video/H264;packetization-mode=1;profile-level-id=4d0032', 116],
      ['video/AV1', 45],
    ]);
    const firefox = new Map([
      ['audio/opus', 109],
      ['video/VP8', 120],
      ['video/VP9;profile-id=0', 121],
      ['video/H264;packetization-mode=1;profile-level-id=42e01f', 126],
      ['video/AV1', 99],
    ]);
    for (const types of [chromium, firefox]) {
      expect([...typesIn(edgeCodecs(types))].sort()).toEqual([...types].sort());
    }
  });

  test('gives mediasoup a list that it takes, whatever a client numbered its codecs', () => {
    const types = fc.uniqueArray(fc.integer({ min: 96, max: 110 }), { minLength: 1, maxLength: keys.length });
    fc.assert(
      fc.property(types, (numbers) => {
        const codecs = edgeCodecs(new Map(numbers.map((type, index) => [keys[index] ?? '', type])));
        expect(codecs.length).toBeGreaterThan(0);
        ortc.generateRouterRtpCapabilities(fromRouterCodecs(codecs));
      }),
    );
  });
});
