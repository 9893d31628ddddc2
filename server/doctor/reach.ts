// Tries, one by one, what a call from here to a running server stands on: HTTP, WebSocket, UDP, TCP and relays.

import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import type { IceCandidate } from '../../proto/gen/types.ts';
import { isLoopback } from '../config/rules.ts';
import type { ProbePlan } from '../http/probe.ts';
import { broken, type Finding, fine, toMessage, warning } from './check.ts';
import {
  fetchHealth,
  fetchPlan,
  type OpenedProbe,
  openProbe,
  ProbeRefused,
  type ProbeServer,
  tryWebSocket,
} from './probe-client.ts';
import { type BehindRelay, checkIceServers } from './relay-checks.ts';
import { writeIceCheck } from './stun/ice-check.ts';
import { openStunChannel } from './stun/stun-channel.ts';
import { stunTypes } from './stun/stun-message.ts';

export interface ReachOptions extends ProbeServer {
  /**
   * It is the server's own machine that tries: many networks do not let a machine reach itself by its public address,
   * so that silence is no proof.
   */
  readonly fromServer: boolean;
}

const checkTimeoutMs = 3_000;

/** Findings come as they are made. Leaves nothing behind: what was opened ends by itself after 15 s. */
export async function* examineReach(options: ReachOptions): AsyncGenerator<Finding> {
  const { url } = options;
  try {
    await fetchHealth(url);
    yield fine('Signaling', `${url} answers`);
  } catch (error) {
    yield broken(
      'Signaling',
      `${url} does not answer: ${describe(error)}`,
      'the address, its name, its certificate and the proxy in front',
    );
    return;
  }
  try {
    await tryWebSocket(url);
    yield fine('WebSocket', 'opens');
  } catch (error) {
    const mend = 'the proxy in front has to pass WebSockets on (Upgrade and Connection): docs/operations.md shows how';
    yield broken('WebSocket', `does not open: ${describe(error)}`, mend);
    return;
  }
  let plan: ProbePlan;
  try {
    plan = await fetchPlan(options);
  } catch (error) {
    const mend = 'a valid token with --token: parley token makes one';
    const text = `is refused: ${describe(error)}`;
    // What runs here may be another server, with keys of its own.
    yield options.fromServer ? warning('Token', text, mend) : broken('Token', text, mend);
    return;
  }
  yield* examineMedia(options, plan);
}

async function* examineMedia(options: ReachOptions, plan: ProbePlan): AsyncGenerator<Finding> {
  const isFar = !isLoopback(new URL(options.url).hostname.replace(/^\[|\]$/g, ''));
  if (isFar && plan.addresses.every(isLoopback)) {
    yield broken(
      'Media address',
      `the server tells clients ${plan.addresses.join(', ')}, which is its own machine`,
      'media.announcedAddress (PARLEY_MEDIA_ANNOUNCED_ADDRESS): the public address of the server',
    );
    return;
  }
  const isTried = ({ address }: IceCandidate) => !isFar || !isLoopback(address);
  let behind: BehindRelay | undefined;
  for (const via of ['udp', 'tcp'] as const) {
    for (const place of plan.places) {
      const ufrag = randomBytes(4).toString('hex');
      let opened: OpenedProbe;
      try {
        opened = await openProbe(options, via, place, ufrag);
      } catch (error) {
        yield broken(via.toUpperCase(), `the server opens no port to try: ${describe(error)}`, 'try again in a moment');
        continue;
      }
      const writeCheck = () => writeIceCheck(opened.iceParameters, ufrag);
      const candidates = opened.candidates.filter(isTried);
      for (const candidate of candidates) yield await checkCandidate(candidate, writeCheck, options);
      const [first] = candidates.filter(({ address }) => isIP(address) !== 6);
      if (via === 'udp' && first) behind ??= { address: first, writeCheck };
    }
  }
  yield* checkIceServers(
    plan.iceServers.map(({ urls, ...own }) => ({ urls: [...urls], ...own })),
    behind,
  );
}

async function checkCandidate(
  { address, port, protocol }: IceCandidate,
  writeCheck: () => Buffer,
  { fromServer }: ReachOptions,
): Promise<Finding> {
  const transport = protocol === 'tcp' ? 'tcp' : 'udp';
  const subject = transport.toUpperCase();
  const startedMs = performance.now();
  let problem = 'nothing comes back';
  try {
    using channel = await openStunChannel(
      { transport, host: address, port, framed: transport === 'tcp' },
      checkTimeoutMs,
    );
    const answer = await channel.request(writeCheck());
    if (answer?.type === stunTypes.bindingSuccess) {
      return fine(subject, `${address} port ${port} answers in ${Math.ceil(performance.now() - startedMs)} ms`);
    }
    if (answer) problem = 'something else than Parley answers';
  } catch (error) {
    problem = describe(error);
  }
  const text = `${address} port ${port}: ${problem}`;
  const mend = `${subject} ${port} has to be open in every firewall up to ${address}, and mapped to the same number behind a NAT or out of a container (media.port)`;
  if (!fromServer) return broken(subject, text, mend);
  return warning(subject, `${text}, from this machine itself`, `${mend}. Try from elsewhere: parley doctor --url`);
}

function describe(error: unknown): string {
  if (error instanceof ProbeRefused || !(error instanceof Error)) return toMessage(error);
  if (error.name === 'TimeoutError') return 'no answer in time';
  // What fetch says of it is `fetch failed`.
  const { cause } = error;
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message;
}
