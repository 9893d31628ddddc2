/**
 * Calls back once, when this turn of the event loop is over: after everything synchronous and every promise that is due.
 * Injected, so that tests turn by hand.
 */
export type Defer = (callback: () => void) => void;

export const deferToNextTurn: Defer = (callback) => {
  setImmediate(callback);
};
