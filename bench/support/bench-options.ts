import type { GatewayOptions } from '../../server/gateway/gateway-options.ts';
import { testGatewayOptions } from '../../test/support/start-gateway.ts';

/** Counted as always, and far away: one address sends everything here. */
const rate = { perSecond: 10_000_000, burst: 10_000_000 };
const connections = 20_000;

/** Every policy is on. The raw clients answer no pings. */
export const benchGatewayOptions: GatewayOptions = {
  ...testGatewayOptions,
  maxConnections: connections,
  maxConnectionsPerIp: connections,
  connectionRate: rate,
  messageRate: rate,
  messageRatePerIp: rate,
  idleTimeoutSeconds: 960,
};
