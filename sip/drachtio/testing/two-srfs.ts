import { once } from 'node:events';
import Srf from 'drachtio-srf';
import { onTestFinished } from 'vitest';
import { testCertificate } from '../../../test/support/sip-certificate.ts';
import { openFacade } from '../../agent/facade/testing/open-facade.ts';
import type { Protocol } from '../../agent/transports/endpoint.ts';

// drachtio-srf as it comes from the registry. Its types say less than it does, so that it is taken without them in tests.
// biome-ignore lint/suspicious/noExplicitAny: what drachtio-srf hands over has no types that are true.
export type Untyped = any;

export const sdp = (port: number, direction = 'sendrecv') =>
  `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\na=${direction}\r\n`;

/** An application on drachtio-srf, which is connected. */
export async function connectSrf({
  port,
  secret,
}: {
  readonly port: number;
  readonly secret: string;
}): Promise<Untyped> {
  const srf = new Srf() as Untyped;
  srf.on('error', () => {});
  srf.connect({ host: '127.0.0.1', port, secret });
  await once(srf, 'connect');
  onTestFinished(() => srf.disconnect());
  return srf;
}

/** An agent with an application; TLS and WSS by a certificate that it trusts itself. */
export async function one(protocols: readonly Protocol[] = ['UDP', 'TCP']) {
  const secure = protocols.includes('TLS') || protocols.includes('WSS');
  const certificate = secure ? testCertificate() : undefined;
  const opened = await openFacade(protocols, certificate && { ...certificate, ca: certificate.cert });
  return { ...opened, srf: await connectSrf(opened) };
}

/** Ann's agent and Ben's, each with an application; they speak by the first of the protocols. */
export async function two(protocols: readonly Protocol[] = ['UDP', 'TCP']) {
  const [ann, ben] = [await one(protocols), await one(protocols)];
  const [protocol = 'UDP'] = protocols;
  const way = protocol === 'UDP' ? '' : `;transport=${protocol.toLowerCase()}`;
  const srf = { ann: ann.srf, ben: ben.srf };
  const toBen = (user = 'ben') => `sip:${user}@127.0.0.1:${ben.portOf(protocol)}${way}`;
  const toAnn = (user = 'ann') => `sip:${user}@127.0.0.1:${ann.portOf(protocol)}${way}`;
  return {
    srf,
    toBen,
    toAnn,
    ann,
    ben,
    async call(options: object = {}) {
      const there = new Promise<Untyped>((resolve) => {
        srf.ben.invite((req: Untyped, res: Untyped) => {
          resolve(srf.ben.createUAS(req, res, { localSdp: sdp(5000) }));
        });
      });
      await wanted(srf.ben);
      const here = await srf.ann.createUAC(toBen(), { localSdp: sdp(4000), ...options });
      return { here, there: await there };
    },
    async nothingLeft() {
      await ann.nothingLeft();
      await ben.nothingLeft();
    },
  };
}

/** What is asked for now is known to the agent: frames have an order. */
export async function wanted(srf: Untyped): Promise<void> {
  await srf.request('sip:nowhere@255.255.255.255', { method: 'OPTIONS' });
}

export const ended = (dialog: Untyped) => new Promise<void>((resolve) => dialog.once('destroy', () => resolve()));
