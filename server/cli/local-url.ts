import type { Config } from '../config/schema.ts';

/** Where a server with these options answers on its own machine. */
export function localUrlOf({ gateway: { host, port, tls } }: Pick<Config, 'gateway'>): string {
  const local = host === '0.0.0.0' || host === '' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `${tls.certFile === '' ? 'http' : 'https'}://${local.includes(':') ? `[${local}]` : local}:${port}`;
}
