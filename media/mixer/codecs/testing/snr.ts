/** How far what was heard `delay` samples later stands above its difference from what was said, in dB. */
export function snrDb(said: Int16Array, heard: Int16Array, delay: number): number {
  // What a filter begins with does not count.
  const begin = 200;
  let signal = 0;
  let noise = 1;
  for (let i = begin; i + delay < heard.length; i += 1) {
    const sample = said[i] ?? 0;
    signal += sample * sample;
    noise += (sample - (heard[i + delay] ?? 0)) ** 2;
  }
  return 10 * Math.log10(signal / noise);
}
