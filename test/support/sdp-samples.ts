// Offers of real clients, each written by the program and version in its name, and what a real router would make of them,
// for tests without a worker.

import { readdirSync, readFileSync } from 'node:fs';
import { routerCodecs } from '../../media/codecs.ts';
import { fromRouterCodecs, toRtpCapabilities } from '../../media/mediasoup/convert.ts';
import type { ServerEnd } from '../../media/sdp/types.ts';
import type { RtpCapabilities } from '../../proto/gen/types.ts';
import { fingerprint } from './rtp-parameters.ts';

const folder = new URL('../../media/sdp/testing/offers/', import.meta.url);

/** Text by name, as in `chromium-156-publish`. */
export const sampleOffers: ReadonlyMap<string, string> = new Map(
  readdirSync(folder)
    .sort()
    .map((file) => [file.replace(/\.sdp$/, ''), readFileSync(new URL(file, folder), 'utf8')]),
);

export function sampleOffer(name: string): string {
  const text = sampleOffers.get(name);
  if (text === undefined) throw new Error(`there is no offer ${name} in ${folder.pathname}`);
  return text;
}

// mediasoup's own rules, which need no worker. The package exports them to nobody, hence the path.
const ortc = await import(new URL('../../node_modules/mediasoup/node/lib/ortc.js', import.meta.url).href as string);

/** mediasoup's own comparison and mapping of a producer's parameters. @throws {Error} when a router would refuse them. */
export function mapAsRouter(parameters: object): void {
  ortc.validateRtpParameters(parameters);
  ortc.getProducerRtpParametersMapping(parameters, ortc.generateRouterRtpCapabilities(fromRouterCodecs(routerCodecs)));
}

/** What every router of this server has. */
export const sampleRouter: RtpCapabilities = toRtpCapabilities(
  ortc.generateRouterRtpCapabilities(fromRouterCodecs(routerCodecs)),
);

export const sampleEnd: ServerEnd = {
  iceParameters: { usernameFragment: 'serverufrag', password: 'serverpasswordserverpassword', iceLite: true },
  iceCandidates: [
    {
      foundation: 'udpcandidate',
      priority: 1_076_302_079,
      address: '127.0.0.1',
      ip: '127.0.0.1',
      protocol: 'udp',
      port: 40_000,
      type: 'host',
    },
    {
      foundation: 'tcpcandidate',
      priority: 1_076_276_479,
      address: '127.0.0.1',
      ip: '127.0.0.1',
      protocol: 'tcp',
      port: 40_000,
      type: 'host',
      tcpType: 'passive',
    },
  ],
  dtlsParameters: { role: 'auto', fingerprints: [{ algorithm: 'sha-256', value: fingerprint }] },
  sctp: { port: 5000, outgoingStreams: 1024, incomingStreams: 1024, maxMessageSize: 262_144 },
};
