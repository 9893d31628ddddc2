import type { Child } from '../support/child-calls.ts';
import type { ForwardingRoom, ForwardingSide } from './forwarding-side.ts';
import type { SpeakingCallers } from './speaking-callers.ts';

/** Who is in the rooms that packets are forwarded through. */
export interface Meeting {
  readonly name: string;
  readonly about: string;
  readonly rooms: number;
  readonly peersPerRoom: number;
  /** The first peers of each room send; everybody hears everybody else who does. */
  readonly speakersPerRoom: number;
}

/** Handshakes of more would wait for each other, and for nothing else, until they are given up. */
const joinsAtOnce = 16;

/** How many packets leave the worker when each speaker has sent one. */
export function copiesPerTick({ rooms, peersPerRoom, speakersPerRoom }: Meeting): number {
  return rooms * speakersPerRoom * (peersPerRoom - 1);
}

/** Opens a meeting's rooms on one side and connects all of its callers, who are then the group of the side's name. */
export async function fillRooms(
  side: ForwardingSide,
  meeting: Meeting,
  callers: Child<SpeakingCallers>,
): Promise<void> {
  const { rooms, peersPerRoom, speakersPerRoom } = meeting;
  const peers = Array.from({ length: peersPerRoom }, (_, at) => `peer-${at}`);
  for (let roomAt = 0; roomAt < rooms; roomAt++) {
    const room = await side.openRoom(`${meeting.name}-${roomAt}`);
    const connect = async (peer: string, direction: 'send' | 'recv', ssrc: number) => {
      const group = `${side.name}/${meeting.name}`;
      const { caller, dtlsParameters } = await callers.call('open', { group, ssrc, speaks: direction === 'send' });
      const transport = await room.createTransport(peer, direction);
      await room.connectTransport(peer, transport.transportId, dtlsParameters);
      await callers.call('connect', { caller, remote: transport });
      return transport.transportId;
    };
    const producers = new Map<string, string>();
    for (const [at, peer] of peers.slice(0, speakersPerRoom).entries()) {
      const ssrc = 100_000 + roomAt * 1_000 + at;
      producers.set(peer, await room.produce(peer, await connect(peer, 'send', ssrc), ssrc));
    }
    let next = 0;
    const lane = async () => {
      for (let at = next++; at < peers.length; at = next++) {
        const peer = peers[at] ?? '';
        await listen(room, peer, connect(peer, 'recv', 900_000 + roomAt * 1_000 + at), producers);
      }
    };
    await Promise.all(Array.from({ length: joinsAtOnce }, lane));
  }
}

async function listen(
  room: ForwardingRoom,
  peer: string,
  transport: Promise<string>,
  producers: ReadonlyMap<string, string>,
): Promise<void> {
  const transportId = await transport;
  for (const [speaker, producerId] of producers) {
    if (speaker !== peer) await room.consume(peer, transportId, producerId);
  }
}
