import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import type { PartialConfig } from '../config/schema.ts';
import { createConfig } from '../config.ts';
import { checkSipPorts } from './port-checks.ts';

const rest = { address: '127.0.0.1', advertise: [], certFile: '', keyFile: '', caFile: '', origins: [] };
const check = (sip: PartialConfig['sip']) => checkSipPorts(createConfig({ dev: true, sip: { ...sip } }));

test('the doctor tries each port of SIP, and names the option of one that is taken', async () => {
  const taken = createSocket('udp4');
  taken.bind(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address();
  const listen = [
    { ...rest, protocol: 'UDP' as const, port },
    { ...rest, protocol: 'TCP' as const, port: 0 },
  ];
  const [udp, tcp] = await check({ enabled: true, listen });
  expect(udp).toMatchObject({ verdict: 'broken', text: `UDP 127.0.0.1 port ${port}: taken by another process` });
  expect(udp?.mend).toContain('sip.listen');
  expect(tcp).toMatchObject({ verdict: 'fine', text: 'TCP 127.0.0.1, a free port' });
  taken.close();
});

test('the doctor says nothing of SIP where it is off, and opens nothing where another server does it', async () => {
  expect(await check({})).toEqual([]);
  const [found] = await check({ enabled: true, drachtio: { host: 'sip.internal', secret: 'cymru' } });
  expect(found).toMatchObject({ verdict: 'fine', text: 'the drachtio-server at sip.internal port 9022 does its work' });
});

test('a socket for TLS without its files, or a drachtio-server without its secret, is no configuration', () => {
  const listen = [{ ...rest, protocol: 'TLS' as const, port: 5061 }];
  const withoutFiles = () => createConfig({ dev: true, sip: { enabled: true, listen } });
  expect(withoutFiles).toThrow('needs certFile and keyFile for TLS');
  expect(() => createConfig({ dev: true, sip: { drachtio: { host: 'x' } } })).toThrow('sip.drachtio.secret');
  const drachtio = { host: 'x', secret: 'cymru', caFile: 'ca.pem' };
  expect(() => createConfig({ dev: true, sip: { drachtio } })).toThrow('sip.drachtio.tls');
  expect(() => createConfig({ dev: true, sip: { drachtio: { tls: true } } })).toThrow('sip.drachtio.host');
  expect(createConfig({ dev: true, sip: { drachtio: { ...drachtio, tls: true } } }).sip.drachtio.tls).toBe(true);
});
