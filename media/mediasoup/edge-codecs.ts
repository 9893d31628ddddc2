import { codecKey, type RouterCodec, routerCodecs } from '../codecs.ts';
import type { PayloadTypes } from '../engine.ts';

type FixedCodec = RouterCodec & { readonly preferredPayloadType: number };

/** What mediasoup gives to the retransmissions of each video codec in turn, without looking at the codecs that follow (its ortc.ts). */
const dynamicTypes = [
  ...Array.from({ length: 28 }, (_, index) => 100 + index),
  ...Array.from({ length: 4 }, (_, index) => 96 + index),
];

/**
 * The codecs that have a payload type, in an order in which no retransmissions get the type of a later codec, which mediasoup
 * refuses. Where there is no such order, codecs are left out, the least preferred ones first as far as that helps.
 */
export function edgeCodecs(payloadTypes: PayloadTypes): FixedCodec[] {
  const fixed = routerCodecs.flatMap((codec): FixedCodec[] => {
    const preferredPayloadType = payloadTypes.get(codecKey(codec));
    return preferredPayloadType === undefined ? [] : [{ ...codec, preferredPayloadType }];
  });
  const sounds = fixed.filter(({ kind }) => kind === 'audio');
  const taken = new Set(sounds.map((codec) => codec.preferredPayloadType));
  return [
    ...sounds,
    ...ordered(
      fixed.filter(({ kind }) => kind === 'video'),
      taken,
    ),
  ];
}

/** The longest order that works; of several, the one that keeps to the given order. At most six codecs: 2,000 tries. */
function ordered(codecs: readonly FixedCodec[], taken: ReadonlySet<number>): readonly FixedCodec[] {
  let best: readonly FixedCodec[] = [];
  for (const codec of codecs) {
    if (taken.has(codec.preferredPayloadType)) continue;
    const withCodec = new Set(taken).add(codec.preferredPayloadType);
    const repair = dynamicTypes.find((type) => !withCodec.has(type));
    if (repair === undefined) continue;
    const others = codecs.filter((other) => other !== codec);
    const order = [codec, ...ordered(others, withCodec.add(repair))];
    if (order.length > best.length) best = order;
    if (best.length === codecs.length) return best;
  }
  return best;
}
