/** Whether somebody can be rung in a browser: `away` has lost the connection, and may be back in a moment. */
export type BrowserPresence = 'there' | 'away' | 'nowhere';

const order: readonly BrowserPresence[] = ['there', 'away'];

/** Of several places, or of several browsers. */
export function bestPresence(found: readonly BrowserPresence[]): BrowserPresence {
  return order.find((one) => found.includes(one)) ?? 'nowhere';
}
