import { integer, isAddressOrBlock, isHost, isOrigin, listOf, rate, section, text, textThat } from './option.ts';

export const gatewaySection = section('Where clients reach the server, and how much each of them may ask of it.', {
  host: textThat(isHost, {
    default: '127.0.0.1',
    expects: 'an address or a host name',
    about: 'The address to listen on. 0.0.0.0 for every interface; refused with `dev`.',
  }),
  port: integer({
    default: 8080,
    min: 0,
    max: 65_535,
    about: 'The TCP port of HTTP and WebSocket. 0 takes a free one.',
  }),
  tls: section('TLS without a proxy in front. Browsers allow cameras on https and on localhost only.', {
    certFile: text({ default: '', about: 'PEM file with the certificate chain. Empty: plain HTTP.' }),
    keyFile: text({ default: '', about: 'PEM file with the private key of the certificate.' }),
  }),
  allowedOrigins: listOf({
    default: [],
    expects: 'origins as in https://chat.example.org, or *',
    check: isOrigin,
    about:
      'Pages on other hosts that may connect. Pages that this server serves always may; others get ORIGIN_REFUSED.',
  }),
  trustedProxies: listOf({
    default: [],
    expects: 'addresses or CIDR blocks as in 10.0.0.0/8',
    check: isAddressOrBlock,
    about: 'Proxies whose X-Forwarded-For names the client. Without it, everyone behind a proxy counts as one address.',
  }),
  maxConnections: integer({
    default: 10_000,
    min: 1,
    max: 1_000_000,
    about: 'WebSocket connections at once. Beyond that: TOO_MANY_CONNECTIONS.',
  }),
  maxConnectionsPerIp: integer({
    default: 200,
    min: 1,
    max: 1_000_000,
    about:
      'WebSocket connections of one address at once; an office can stand behind one. Beyond that: TOO_MANY_CONNECTIONS.',
  }),
  connectionRate: rate('New connections and HTTP requests of one address', { perSecond: 50, burst: 200 }),
  messageRate: rate('Messages of one connection', { perSecond: 50, burst: 500 }),
  messageRatePerIp: rate('Messages of all connections of one address', { perSecond: 2_000, burst: 10_000 }),
  maxFrameBytes: integer({
    default: 65_536,
    min: 16_384,
    max: 1_048_576,
    unit: 'bytes',
    about: 'The largest WebSocket message that is read. A larger one closes the connection with FRAME_TOO_LARGE.',
  }),
  maxRequestBytes: integer({
    default: 65_536,
    min: 1_024,
    max: 16_777_216,
    unit: 'bytes',
    about: 'The largest body of an HTTP request. A larger one is answered with 413.',
  }),
  maxOpenCalls: integer({
    default: 64,
    min: 1,
    max: 1_024,
    about: 'Calls that one connection may have open. Beyond that: TOO_MANY_CALLS.',
  }),
  idleTimeoutSeconds: integer({
    default: 32,
    min: 8,
    max: 960,
    unit: 's',
    about:
      'A connection from which nothing comes for so long, not even a pong, is closed: without a close frame, since nobody seems to be there to read it.',
  }),
  ephemeralDropBytes: integer({
    default: 131_072,
    min: 16_384,
    max: 67_108_864,
    unit: 'bytes',
    about:
      'Unsent bytes of a connection from which on ephemeral events (who writes, who speaks, layers) are dropped for it.',
  }),
  pullBytes: integer({
    default: 524_288,
    min: 65_536,
    max: 134_217_728,
    unit: 'bytes',
    about:
      'Unsent bytes of a connection from which on messages of rooms are no longer queued for it: below gateway.ephemeralDropBytes they come from the log, from where they stopped.',
  }),
  slowConsumerBytes: integer({
    default: 1_048_576,
    min: 65_536,
    max: 268_435_456,
    unit: 'bytes',
    about:
      'Unsent bytes of a connection at which it is closed with SLOW_CONSUMER. Memory: at most this times maxConnections. At least 256 KB and 8 KB for each of sessions.maxRooms, and gateway.pullBytes and a page of the log (256 KB).',
  }),
  webRoot: text({
    default: 'built-in',
    about: 'The folder of the web page: `built-in` for the one that comes with Parley, empty for none.',
  }),
});
