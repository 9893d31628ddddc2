// ITU-T G.711: 8,000 samples a second, one byte each, in steps that grow with the sample. All by tables.

/** How one of the two laws turns samples into bytes and back. */
export interface Law {
  /** 256 samples, by their byte. */
  readonly expand: Int16Array;
  /** Bytes, by the sample's highest bits: `compress[(sample & 0xffff) >> shift]`. */
  readonly compress: Uint8Array;
  readonly shift: number;
}

/** Table 2a: the bits come inverted. */
function expandMuLaw(code: number): number {
  const bits = ~code & 0xff;
  const magnitude = ((((bits & 0x0f) << 3) + 0x84) << ((bits & 0x70) >> 4)) - 0x84;
  return bits & 0x80 ? -magnitude : magnitude;
}

/** Table 1a: even bits come inverted. */
function expandALaw(code: number): number {
  const bits = code ^ 0x55;
  const segment = (bits & 0x70) >> 4;
  const step = ((bits & 0x0f) << 4) + 8;
  const magnitude = segment === 0 ? step : (step + 0x100) << (segment - 1);
  return bits & 0x80 ? magnitude : -magnitude;
}

/** Of the segment whose values begin at `1 << (lowest + segment)`. */
function segmentOf(magnitude: number, lowest: number): number {
  return Math.max(0, 31 - Math.clz32(magnitude) - lowest);
}

/** `sample` has 14 bits. Its negative values are told by their complement, so that both sides have as many. */
function compressMuLaw(sample: number): number {
  const magnitude = Math.min(0x1fff, (sample < 0 ? ~sample : sample) + 33);
  const segment = segmentOf(magnitude, 5);
  const code = (segment << 4) | ((magnitude >> (segment + 1)) & 0x0f);
  return ~(sample < 0 ? code | 0x80 : code) & 0xff;
}

/** `sample` has 12 bits. The first two segments have the same step, so the first has no leading bit. */
function compressALaw(sample: number): number {
  const magnitude = sample < 0 ? ~sample : sample;
  const segment = segmentOf(magnitude, 4) + (magnitude < 16 ? 0 : 1);
  const code = segment === 0 ? magnitude : (segment << 4) | ((magnitude >> (segment - 1)) & 0x0f);
  return (sample < 0 ? code : code | 0x80) ^ 0x55;
}

function tabulate(expand: (code: number) => number, compress: (sample: number) => number, bits: number): Law {
  const half = 1 << (bits - 1);
  return {
    expand: Int16Array.from({ length: 256 }, (_, code) => expand(code)),
    compress: Uint8Array.from({ length: 2 * half }, (_, index) => compress(index < half ? index : index - 2 * half)),
    shift: 16 - bits,
  };
}

export const muLaw: Law = tabulate(expandMuLaw, compressMuLaw, 14);

export const aLaw: Law = tabulate(expandALaw, compressALaw, 12);

/** Writes a sample for each of the first bytes; `pcm` is as long as what is wanted of them. */
export function expand(law: Law, payload: Uint8Array, pcm: Int16Array): void {
  const table = law.expand;
  for (let i = 0; i < pcm.length; i += 1) pcm[i] = table[payload[i] ?? 0] ?? 0;
}

/** Writes a byte for each sample; `payload` is as long as `pcm`. */
export function compress(law: Law, pcm: Int16Array, payload: Uint8Array): void {
  const { compress: table, shift } = law;
  for (let i = 0; i < pcm.length; i += 1) payload[i] = table[((pcm[i] ?? 0) & 0xffff) >> shift] ?? 0;
}
