/** How long things may take, and how often they are tried again. */
export interface ClientTiming {
  /** For the WebSocket to open, and again for `session.connect` to be answered. */
  readonly openTimeoutMs: number;
  /** For the application to give a token. */
  readonly tokenTimeoutMs: number;
  /** For any other call; a little more than the server's own limit, so that its answer is the one that counts. */
  readonly callTimeoutMs: number;
  /** The n-th try waits a random time between 0 and `base × 2^n`, at most `cap`. */
  readonly reconnectBaseMs: number;
  readonly reconnectCapMs: number;
  /** A connection that lasted so long starts the count of tries anew. */
  readonly stableAfterMs: number;
  /** A ping that is not answered within this time, with nothing else coming either, ends the connection. */
  readonly pingTimeoutMs: number;
  /** A call that waits so long while nothing at all comes has a ping sent, with `pingTimeoutMs`. */
  readonly quietCallMs: number;
  /** The same for the ping that is sent when the platform says that its network changed. */
  readonly probeTimeoutMs: number;
  /** How long the store of the outbox may take before messages are sent without it. */
  readonly storeTimeoutMs: number;
  /** How often at most the server is told how far was read. */
  readonly markIntervalMs: number;
  /** Writing is said again so often while keys are pressed, is over when none was for a while, and forgotten of others. */
  readonly typingRepeatMs: number;
  readonly typingStopMs: number;
  readonly typingExpiryMs: number;
  /** For a track to be sent or received for the first time. */
  readonly mediaTimeoutMs: number;
  /** As `reconnectBaseMs` and `reconnectCapMs`, for transports, tracks and joining a room again. */
  readonly retryBaseMs: number;
  readonly retryCapMs: number;
  /** How long a media path that ICE calls disconnected may find itself again before ICE is restarted. */
  readonly iceGraceMs: number;
  /** For a media path that was up to come back after an ICE restart, before another transport is made. */
  readonly restartTimeoutMs: number;
  /**
   * The same for a path that was found silent, from what it carried last; it has half of `restartTimeoutMs` in any case. With
   * what it takes to notice and to connect, another transport carries within 5 s.
   */
  readonly rebuildAfterMs: number;
  /** For a media path to come up, at first and after each ICE restart of one that never was. */
  readonly pathTimeoutMs: number;
}

export const defaultTiming: ClientTiming = {
  openTimeoutMs: 10_000,
  tokenTimeoutMs: 30_000,
  callTimeoutMs: 12_000,
  reconnectBaseMs: 1_000,
  reconnectCapMs: 20_000,
  stableAfterMs: 10_000,
  pingTimeoutMs: 8_000,
  quietCallMs: 3_000,
  probeTimeoutMs: 3_000,
  storeTimeoutMs: 3_000,
  markIntervalMs: 1_000,
  typingRepeatMs: 3_000,
  typingStopMs: 5_000,
  typingExpiryMs: 6_000,
  mediaTimeoutMs: 30_000,
  retryBaseMs: 500,
  retryCapMs: 15_000,
  iceGraceMs: 500,
  restartTimeoutMs: 2_000,
  rebuildAfterMs: 4_100,
  pathTimeoutMs: 15_000,
};
