import type { ErrorReason } from '../../core/errors.ts';

/** `chat` is the plain chat of `/chat`. */
export type ProtocolName = 'json' | 'protobuf' | 'chat';

/** What the gateway counts, since it started; `connections` is now. */
export interface GatewayStats {
  readonly connections: Readonly<Record<ProtocolName, number>>;
  readonly accepted: Readonly<Record<ProtocolName, number>>;
  /** Connections and HTTP requests that were turned away, by reason. */
  readonly refused: Readonly<Partial<Record<ErrorReason, number>>>;
  readonly httpRequests: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
  /** Of WebSocket messages, without their headers. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Events that slow readers did not get. */
  readonly ephemeralDropped: number;
  /** How often a reader was so slow that it pulls from the log instead of being pushed to. */
  readonly logPulls: number;
  /** What connections have unsent now, in queues and in the engine. */
  readonly unsentBytes: number;
  /** Connections closed because their reader was slow. */
  readonly slowConsumersClosed: number;
  readonly malformedFrames: number;
  /** Messages that came faster than they may. */
  readonly rateLimited: number;
  /** JSON-RPC notifications of clients: read, and not answered, as the specification wants it. */
  readonly notificationsIgnored: number;
}

type Mutable<T> = {
  -readonly [Key in keyof T]: T[Key] extends object ? { -readonly [K in keyof T[Key]]: T[Key][K] } : T[Key];
};

/** Plain numbers that the gateway's parts add to: the hot path counts with one addition. */
export type GatewayCounters = Mutable<GatewayStats>;

export function createCounters(): GatewayCounters {
  return {
    connections: { json: 0, protobuf: 0, chat: 0 },
    accepted: { json: 0, protobuf: 0, chat: 0 },
    refused: {},
    httpRequests: 0,
    messagesIn: 0,
    messagesOut: 0,
    bytesIn: 0,
    bytesOut: 0,
    ephemeralDropped: 0,
    logPulls: 0,
    unsentBytes: 0,
    slowConsumersClosed: 0,
    malformedFrames: 0,
    rateLimited: 0,
    notificationsIgnored: 0,
  };
}

export function countRefusal(counters: GatewayCounters, reason: ErrorReason): void {
  counters.refused[reason] = (counters.refused[reason] ?? 0) + 1;
}

/** A copy that does not change any more. */
export function snapshotOf(
  counters: GatewayCounters,
  connections: Iterable<{ readonly unsentBytes: number }>,
): GatewayStats {
  let unsentBytes = 0;
  for (const connection of connections) unsentBytes += connection.unsentBytes;
  return { ...structuredClone(counters), unsentBytes };
}
