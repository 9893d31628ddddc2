/** Zero crossings on each side of the filter. */
const halfWidth = 24;
/** A little less than half the lower rate, so that what lies above is gone before it folds back. */
const passband = 0.92;

/** By a windowed sinc: slow, and good enough for what is done once. */
export function resample(pcm: Int16Array, from: number, to: number): Int16Array {
  const cutoff = passband * Math.min(1, to / from);
  const reach = Math.ceil(halfWidth / cutoff);
  return Int16Array.from({ length: Math.floor((pcm.length * to) / from) }, (_, index) => {
    const center = (index * from) / to;
    let sum = 0;
    for (let at = Math.ceil(center - reach); at <= center + reach; at += 1) {
      sum += (pcm[at] ?? 0) * cutoff * sinc((at - center) * cutoff) * hann((at - center) / reach);
    }
    return clamp(sum);
  });
}

export function clamp(sample: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(sample)));
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function hann(x: number): number {
  return 0.5 + 0.5 * Math.cos(Math.PI * x);
}
