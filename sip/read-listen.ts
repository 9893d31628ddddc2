import { readFileSync } from 'node:fs';
import { parseAdvertisement } from './advertisement.ts';
import type { Listen } from './agent/transports/listen.ts';
import type { ListenOptions } from './sip-options.ts';

/** With the files that it names. @throws what the system says of one that cannot be read. */
export function readListen({ protocol, address, port, ...options }: ListenOptions): Listen {
  const advertise = options.advertise.map(parseAdvertisement).filter((one) => one !== undefined);
  const isPage = protocol === 'WS' || protocol === 'WSS';
  const isSecure = protocol === 'TLS' || protocol === 'WSS';
  const anyOrigin = options.origins.includes('*');
  return {
    protocol,
    address,
    port,
    ...(advertise.length > 0 && { advertise }),
    ...(isSecure && { tls: readTls(options) }),
    ...(isPage && !anyOrigin && { origins: options.origins }),
  };
}

function readTls({ certFile, keyFile, caFile }: Pick<ListenOptions, 'certFile' | 'keyFile' | 'caFile'>) {
  return {
    cert: readFileSync(certFile, 'utf8'),
    key: readFileSync(keyFile, 'utf8'),
    ...(caFile !== '' && { ca: readFileSync(caFile, 'utf8') }),
  };
}
