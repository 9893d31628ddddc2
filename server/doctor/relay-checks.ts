import { lookup } from 'node:dns/promises';
import { systemClock } from '../../core/clock.ts';
import type { IceServer } from '../../proto/gen/types.ts';
import { createTurnCredentials } from '../turn/turn-credentials.ts';
import { broken, type Check, type Finding, fine, toMessage } from './check.ts';
import { openStunChannel, type StunChannel, type StunServer } from './stun/stun-channel.ts';
import { readXorAddress, type StunAddress, stunAttributes, stunTypes, writeStun } from './stun/stun-message.ts';
import { type Allocation, allocate, TurnProblem } from './stun/turn-client.ts';

const timeoutMs = 4_000;

/** What a relay is to reach: a media port, and a check that it answers. */
export interface BehindRelay {
  readonly address: StunAddress;
  writeCheck(): Buffer;
}

/** The relays of the configuration, as they are for clients: a credential of a minute, an address, and given back. */
export const checkTurn: Check = async ({ turn }) => {
  const { iceServers } = createTurnCredentials({ ...turn, clock: systemClock })('parley-doctor');
  const findings: Finding[] = [];
  for await (const finding of checkIceServers(iceServers, undefined)) findings.push(finding);
  return findings;
};

/** Each URL by itself, and behind each relay the media port, where one is named. */
export async function* checkIceServers(
  servers: readonly IceServer[],
  behind: BehindRelay | undefined,
): AsyncGenerator<Finding> {
  for (const server of servers) {
    for (const url of server.urls) yield await checkUrl(url, server, behind);
  }
}

async function checkUrl(
  url: string,
  credentials: { readonly username: string; readonly credential: string },
  behind: BehindRelay | undefined,
): Promise<Finding> {
  const subject = url.startsWith('stun') ? 'STUN' : 'TURN';
  const server = parseIceUrl(url);
  let channel: StunChannel;
  try {
    channel = await openStunChannel(server, timeoutMs);
  } catch (error) {
    return broken(subject, `${url}: ${toMessage(error)}`, describeWay(server, toMessage(error)));
  }
  using open = channel;
  if (subject === 'STUN') return await checkStun(url, server, open);
  try {
    const allocation = await allocate(open, credentials);
    try {
      return behind ? await checkBehind(url, allocation, behind) : fine(subject, `${url} relays`);
    } finally {
      await allocation.release();
    }
  } catch (error) {
    // As of a media address that is a name which is not known.
    if (!(error instanceof TurnProblem))
      return broken(subject, `${url}: ${toMessage(error)}`, 'media.announcedAddress');
    return broken(subject, `${url}: ${describeRefusal(error)}`, mendOf(error, server));
  }
}

async function checkStun(url: string, server: StunServer, channel: StunChannel): Promise<Finding> {
  const answer = await channel.request(writeStun({ type: stunTypes.bindingRequest, attributes: [] }));
  const seen = readXorAddress(answer?.attributes.get(stunAttributes.xorMappedAddress));
  if (!answer) return broken('STUN', `${url}: no answer`, describeWay(server, ''));
  return fine('STUN', seen ? `${url} sees this machine as ${seen.address}` : `${url} answers`);
}

async function checkBehind(
  url: string,
  allocation: Allocation,
  { address, writeCheck }: BehindRelay,
): Promise<Finding> {
  const { address: ip } = await lookup(address.address, { family: 4 });
  const peer = { address: ip, port: address.port };
  const shown = `${peer.address} port ${peer.port}`;
  try {
    await allocation.permit(peer);
  } catch (error) {
    if (!(error instanceof TurnProblem) || error.code !== 403) throw error;
    return broken(
      'TURN',
      `${url} does not relay to ${shown}: ${describeRefusal(error)}`,
      `allowed-peer-ip=${peer.address} in turnserver.conf, behind the lines with denied-peer-ip`,
    );
  }
  const answer = await allocation.requestThrough(peer, writeCheck());
  if (answer) return fine('TURN', `${url} relays to ${shown}`);
  return broken(
    'TURN',
    `${url} relays, and nothing comes back from ${shown}`,
    `the firewall between them: UDP ${peer.port} has to be open for ${allocation.relayed.address}, and the relay's own ports (min-port to max-port) for ${peer.address}`,
  );
}

function describeRefusal({ code, message }: TurnProblem): string {
  return code === 0 ? message : `${code} ${message}`;
}

function mendOf({ code }: TurnProblem, server: StunServer): string {
  if (code === 0) return describeWay(server, '');
  if (code === 401) {
    return 'turn.secret (PARLEY_TURN_SECRET) has to be what turnserver.conf has as static-auth-secret, with use-auth-secret, and the clocks of both machines have to agree';
  }
  if (code === 486 || code === 508) return 'user-quota, total-quota, min-port and max-port in turnserver.conf';
  return 'deploy/coturn/README.md has a configuration that works';
}

function describeWay({ host, port, transport }: StunServer, message: string): string {
  if (/ENOTFOUND|EAI_AGAIN/.test(message)) return `turn.urls: there is no such name as ${host}`;
  const protocol = transport === 'udp' ? 'UDP' : 'TCP';
  if (/certificate|SSL|TLS/i.test(message)) return `cert and pkey in turnserver.conf, for the name ${host}`;
  return `${protocol} ${port} of ${host}: is the relay running, and is the port open in its firewall?`;
}

/** RFC 7064 section 3.2, RFC 7065 section 3.2. */
export function parseIceUrl(url: string): StunServer {
  const [, scheme = '', host = '', port, transport] =
    /^(stuns?|turns?):(\[[^\]]+\]|[^:?]+)(?::(\d+))?(?:\?transport=(udp|tcp))?$/.exec(url) ?? [];
  const isSecure = scheme.endsWith('s');
  return {
    host: host.replace(/^\[|\]$/g, ''),
    port: port === undefined ? (isSecure ? 5349 : 3478) : Number(port),
    // TLS over UDP is DTLS, which no browser speaks to a relay.
    transport: isSecure ? 'tls' : transport === 'tcp' ? 'tcp' : 'udp',
  };
}
