// Somebody in a call of a cluster, by the SDK over libwebrtc.

import { createWrtcDevice } from '../../client/test/wrtc-device.ts';
import { loadDevSecret } from '../../server/identity/dev-secret.ts';
import { createTokenIssuer } from '../../server/identity/token-issuer.ts';
import type { TestCluster } from '../support/cluster.ts';
import { join, type Person } from './person.ts';

export type Caller = Person;

/** On the node at that place; when it is gone, on the next one, or on those of `urls` in their order. */
export function joinCall(
  cluster: TestCluster,
  place: number,
  identity: string,
  name: string,
  { urls = cluster.urlsFrom(place) }: { readonly urls?: readonly string[] } = {},
): Promise<Caller> {
  const token = () => tokenOf(cluster, identity);
  return join(cluster, place, identity, name, { token, device: createWrtcDevice, urls: [...urls] });
}

/** Good on every node. */
function tokenOf(cluster: TestCluster, identity: string): string {
  const issuer = createTokenIssuer({ ...loadDevSecret(cluster.node(0).dataDir), issuer: '', audience: '' });
  const can = ['join', 'publish:audio', 'publish:video', 'subscribe', 'chat', 'history', 'moderate'] as const;
  return issuer.issue({ identity, name: identity, metadata: '', grants: [{ room: '*', can }], ttlSeconds: 3_600 });
}
