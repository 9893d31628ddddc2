/** What the server takes as one message, in bytes of UTF-8. */
export const textLimitBytes = 16_384;

const encoder = new TextEncoder();
const bytesOfUnitAtMost = 3;

/** How many bytes a message is too long; 0 for one that can be sent. */
export function excessBytes(text: string): number {
  // What is short in any script is not measured: this runs at every key press.
  if (text.length * bytesOfUnitAtMost <= textLimitBytes) return 0;
  return Math.max(0, encoder.encode(text).length - textLimitBytes);
}
