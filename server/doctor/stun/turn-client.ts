import { randomBytes } from 'node:crypto';
import type { StunChannel } from './stun-channel.ts';
import {
  stunAttributes as attributes,
  longTermKey,
  readErrorCode,
  readStun,
  readXorAddress,
  type StunAddress,
  type StunMessage,
  stunTypes as types,
  writeStun,
  writeXorAddress,
} from './stun-message.ts';

/** A relay said no (RFC 8656 section 19), or nothing. */
export class TurnProblem extends Error {
  /** 0: there was no answer. */
  readonly code: number;

  constructor(code: number, phrase: string) {
    super(phrase);
    this.name = 'TurnProblem';
    this.code = code;
  }
}

export interface Allocation {
  readonly relayed: StunAddress;
  /** Lets packets come from this address and go there. @throws {TurnProblem} 403 when the relay does not serve it. */
  permit(peer: StunAddress): Promise<void>;
  /** Sends STUN through the relay and waits for the answer that comes back the same way; undefined: none came. */
  requestThrough(peer: StunAddress, message: Buffer): Promise<StunMessage | undefined>;
  /** Gives the allocation back. */
  release(): Promise<void>;
}

const udpProtocol = Buffer.from([17, 0, 0, 0]);

/** Allocates a relayed address (RFC 8656 section 7). @throws {TurnProblem} */
export async function allocate(
  channel: StunChannel,
  { username, credential }: { readonly username: string; readonly credential: string },
): Promise<Allocation> {
  const wanted: (readonly [number, Buffer])[] = [[attributes.requestedTransport, udpProtocol]];
  // The first one is refused: the answer says which realm and nonce to sign with (RFC 8489 section 9.2.4).
  const challenge = await channel.request(writeStun({ type: types.allocateRequest, attributes: wanted }));
  if (!challenge) throw new TurnProblem(0, 'no answer');
  const realm = challenge.attributes.get(attributes.realm);
  let nonce = challenge.attributes.get(attributes.nonce);
  const refusal = readErrorCode(challenge);
  if (!realm || !nonce) throw new TurnProblem(refusal?.code ?? 0, refusal?.phrase ?? 'it asks for no credentials');
  const key = longTermKey(username, realm.toString('utf8'), credential);

  const ask = async (type: number, own: readonly (readonly [number, Buffer])[]): Promise<StunMessage> => {
    for (let tries = 0; ; tries++) {
      const signed: (readonly [number, Buffer])[] = [
        ...own,
        [attributes.username, Buffer.from(username)],
        [attributes.realm, realm],
        [attributes.nonce, nonce ?? Buffer.alloc(0)],
      ];
      const answer = await channel.request(writeStun({ type, attributes: signed, key }));
      if (!answer) throw new TurnProblem(0, 'no answer');
      const error = readErrorCode(answer);
      if (!error) return answer;
      // 438: the nonce is too old, and here is another.
      if (error.code !== 438 || tries > 0) throw new TurnProblem(error.code, error.phrase);
      nonce = answer.attributes.get(attributes.nonce);
    }
  };

  const allocated = await ask(types.allocateRequest, wanted);
  const relayed = readXorAddress(allocated.attributes.get(attributes.xorRelayedAddress));
  if (!relayed) throw new TurnProblem(0, 'no IPv4 address was allocated');
  return {
    relayed,
    async permit(peer) {
      await ask(types.createPermissionRequest, [[attributes.xorPeerAddress, writeXorAddress(peer)]]);
    },
    async requestThrough(peer, message) {
      const id = message.subarray(8, 20);
      const carriedIn = ({ type, attributes: carried }: StunMessage) =>
        type === types.dataIndication ? readStun(carried.get(attributes.data) ?? Buffer.alloc(0)) : undefined;
      const indication = writeStun({
        type: types.sendIndication,
        transactionId: randomBytes(12),
        attributes: [
          [attributes.xorPeerAddress, writeXorAddress(peer)],
          [attributes.data, message],
        ],
      });
      const answer = await channel.exchange(
        indication,
        (received) => carriedIn(received)?.transactionId.equals(id) ?? false,
      );
      return answer && carriedIn(answer);
    },
    async release() {
      const now = Buffer.alloc(4);
      await ask(types.refreshRequest, [[attributes.lifetime, now]]).catch(() => {});
    },
  };
}
