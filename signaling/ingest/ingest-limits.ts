/** A client that has its answer and is not connected by then has gone: over HTTP nothing else would tell. */
export const connectWithinMs = 30_000;
