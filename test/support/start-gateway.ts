// A gateway for a test, on a free port of 127.0.0.1, with limits that are out of the way.

import type { Clock } from '../../core/clock.ts';
import { FakeClock } from '../../core/fake-clock.ts';
import type { Logger } from '../../core/log.ts';
import { createGateway, type Gateway } from '../../server/gateway/create-gateway.ts';
import type { GatewayOptions } from '../../server/gateway/gateway-options.ts';
import type { SignalingEdges } from '../../signaling/endpoints.ts';
import { createEchoEdges } from './echo-edges.ts';

const plenty = { perSecond: 1_000_000, burst: 1_000_000 };

export const testGatewayOptions: GatewayOptions = {
  host: '127.0.0.1',
  port: 0,
  tls: { certFile: '', keyFile: '' },
  allowedOrigins: [],
  trustedProxies: [],
  maxConnections: 10_000,
  maxConnectionsPerIp: 10_000,
  connectionRate: plenty,
  messageRate: plenty,
  messageRatePerIp: plenty,
  maxFrameBytes: 65_536,
  maxRequestBytes: 65_536,
  maxOpenCalls: 64,
  idleTimeoutSeconds: 32,
  ephemeralDropBytes: 131_072,
  pullBytes: 524_288,
  slowConsumerBytes: 1_048_576,
  webRoot: '',
};

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: object;
  readonly message: string;
}

export interface RunningGateway extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly port: number;
  readonly url: string;
  /** ws://127.0.0.1:41234 */
  readonly wsOrigin: string;
  readonly logged: readonly LogLine[];
}

export async function startGateway(
  overrides: Partial<GatewayOptions> = {},
  { edges = createEchoEdges(), clock, prepare }: StartOptions = {},
): Promise<RunningGateway> {
  const logged: LogLine[] = [];
  const gateway = createGateway({
    options: { ...testGatewayOptions, ...overrides },
    edges,
    log: createLog(logged),
    ...(clock === undefined ? {} : { clock }),
  });
  prepare?.(gateway);
  const { port, url } = await gateway.listen();
  return {
    gateway,
    port,
    url,
    wsOrigin: url.replace(/^http/, 'ws'),
    logged,
    async [Symbol.asyncDispose]() {
      const closed = gateway.close();
      // Closing gives close frames some time to leave.
      if (clock instanceof FakeClock) clock.advance(1_000);
      await closed;
    },
  };
}

interface StartOptions {
  readonly edges?: SignalingEdges;
  readonly clock?: Clock;
  /** Runs before it listens. */
  readonly prepare?: (gateway: Gateway) => void;
}

function createLog(lines: LogLine[], bound: object = {}): Logger {
  const add = (level: LogLine['level']) => (fields: object, message: string) => {
    lines.push({ level, fields: { ...bound, ...fields }, message });
  };
  return {
    debug: add('debug'),
    info: add('info'),
    warn: add('warn'),
    error: add('error'),
    child: (fields) => createLog(lines, { ...bound, ...fields }),
  };
}
