// A network for media that a test can cut and impair, between a client and the worker's UDP port.

import type { CreateTransportResponse, IceCandidate } from '../../proto/gen/types.ts';
import { type ImpairedRelay, startImpairedRelay } from '../../test/support/impaired-path.ts';
import { jsonCodec } from '../src/codec/json.ts';
import type { Codec } from '../src/index.ts';

export interface UdpRelay extends Omit<ImpairedRelay, 'target' | 'port'> {
  /** For a client whose media is to go through here: it takes the relay for the server. */
  readonly codec: Codec;
  /** Transports that the client was given. */
  readonly transports: number;
  /** Times that ICE was restarted. */
  readonly restarts: number;
  /** Times that relays were asked for apart from transports. */
  readonly iceServers: number;
}

/** `tcp`: the worker's TCP port stays reachable, past the relay. */
export async function startUdpRelay({ tcp = false } = {}): Promise<UdpRelay> {
  const relay = await startImpairedRelay();
  let transports = 0;
  let restarts = 0;
  let iceServers = 0;
  const enter = (response: CreateTransportResponse): void => {
    const udp = response.iceCandidates.find(({ protocol }) => protocol === 'udp') as IceCandidate;
    relay.target = udp.port;
    transports += 1;
    response.iceCandidates = [
      { ...udp, address: '127.0.0.1', ip: '127.0.0.1', port: relay.port },
      ...(tcp ? response.iceCandidates.filter(({ protocol }) => protocol === 'tcp') : []),
    ];
  };
  return {
    get transports() {
      return transports;
    },
    get restarts() {
      return restarts;
    },
    get iceServers() {
      return iceServers;
    },
    get isCut() {
      return relay.isCut;
    },
    set isCut(cut) {
      relay.isCut = cut;
    },
    impair: relay.impair,
    moveClients: relay.moveClients,
    [Symbol.asyncDispose]: () => relay[Symbol.asyncDispose](),
    codec: {
      ...jsonCodec,
      decode(frame, methodOf) {
        const message = jsonCodec.decode(frame, methodOf);
        const method = message.kind === 'result' ? methodOf(message.id) : undefined;
        if (method === 'media.restartIce') restarts += 1;
        if (method === 'media.getIceServers') iceServers += 1;
        if (message.kind === 'result' && method === 'media.createTransport') {
          enter(message.result as CreateTransportResponse);
        }
        return message;
      },
    },
  };
}
