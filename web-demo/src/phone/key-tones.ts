// What the keys of a telephone sound like: two tones at once, one of the row and one of the column (ITU-T Q.23).

const rows = [697, 770, 852, 941] as const;
const columns = [1209, 1336, 1477] as const;
const layout = '123456789*0#';

/** In hertz; undefined for what is no key. */
export function tonesOf(digit: string): readonly [low: number, high: number] | undefined {
  const place = layout.indexOf(digit);
  const low = rows[Math.floor(place / columns.length)];
  const high = columns[place % columns.length];
  return digit.length !== 1 || place < 0 || low === undefined || high === undefined ? undefined : [low, high];
}
