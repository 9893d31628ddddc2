/** What is configured of the gateway. Every number is a bound; docs/configuration.md says what happens there. */
export interface GatewayOptions {
  readonly host: string;
  /** 0: a free port. */
  readonly port: number;
  /** PEM files; both empty: plain HTTP and WebSocket. */
  readonly tls: { readonly certFile: string; readonly keyFile: string };
  /** Origins of pages that may connect, as in https://chat.example.org; `*` for any; the page's own host is always allowed. */
  readonly allowedOrigins: readonly string[];
  /** Addresses and CIDR blocks of proxies whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  readonly maxConnections: number;
  readonly maxConnectionsPerIp: number;
  /** New connections and HTTP requests of one address. */
  readonly connectionRate: { readonly perSecond: number; readonly burst: number };
  /** Messages of one connection. */
  readonly messageRate: { readonly perSecond: number; readonly burst: number };
  /** Messages of all connections of one address. */
  readonly messageRatePerIp: { readonly perSecond: number; readonly burst: number };
  /** The largest WebSocket message. */
  readonly maxFrameBytes: number;
  /** The largest body of an HTTP request. */
  readonly maxRequestBytes: number;
  /** Calls that a connection may have open at once. */
  readonly maxOpenCalls: number;
  /** A connection from which nothing comes, not even a pong, for so long is closed. Whole seconds, 8 to 960. */
  readonly idleTimeoutSeconds: number;
  /** With more unsent bytes than this, ephemeral events are dropped. */
  readonly ephemeralDropBytes: number;
  /** With more unsent bytes than this, events of the log are not queued: their reader pulls them when it has caught up. */
  readonly pullBytes: number;
  /** With more unsent bytes than this, the connection is closed with SLOW_CONSUMER. */
  readonly slowConsumerBytes: number;
  /** The folder of the web page; empty: none is served. */
  readonly webRoot: string;
}
