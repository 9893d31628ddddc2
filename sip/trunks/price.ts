/** Of prefixes in a plan, with their plus. Who dials has no end to it. */
const longest = 21;

/** Of a table by prefix the entry of the longest one that a number begins with. */
export function longestPrefix<Value>(number: string, table: ReadonlyMap<string, Value>): Value | undefined {
  for (let length = Math.min(number.length, longest); length > 0; length -= 1) {
    const found = table.get(number.slice(0, length));
    if (found !== undefined) return found;
  }
  return undefined;
}

export function findPrefix(number: string, prefixes: readonly string[]): string | undefined {
  return prefixes.find((prefix) => number.startsWith(prefix));
}

/** What a number costs at the most, whichever of its readings a network takes it for. */
export function dearest(readings: readonly string[], prices: ReadonlyMap<string, number>): number | undefined {
  const found = readings.map((number) => longestPrefix(number, prices)).filter((price) => price !== undefined);
  return found.length === 0 ? undefined : Math.max(...found);
}

export function findAny(readings: readonly string[], prefixes: readonly string[]): string | undefined {
  return prefixes.find((prefix) => readings.some((number) => number.startsWith(prefix)));
}
