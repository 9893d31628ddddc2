import { withDeadline } from '../support/deadline.ts';
import { createOpusStream, opusRtpParameters, packetIntervalMs } from './opus-stream.ts';
import { openRoomClient, type RoomClient } from './room-client.ts';
import { createRtpCaller } from './rtp-caller.ts';

/** What a join consists of, in order. */
export const joinStages = ['socket', 'session', 'room', 'transport', 'track', 'packet'] as const;
export type JoinStage = (typeof joinStages)[number];
/** When each stage was reached, in milliseconds since the join was due. */
export type JoinTimes = Readonly<Record<JoinStage, number>>;

export interface Ticket {
  readonly wsUrl: string;
  readonly room: string;
  readonly token: string;
  readonly ssrc: number;
}

export interface Member {
  /** Leaves the room and lets the session end. */
  leave(): Promise<void>;
}

const firstPacketTimeoutMs = 10_000;

async function enter({ wsUrl, room, token }: Ticket, reached: (stage: JoinStage) => void) {
  const client = await openRoomClient(wsUrl);
  reached('socket');
  await client.call('session.connect', { token });
  reached('session');
  const snapshot = await client.call('room.join', { room });
  reached('room');
  return { client, snapshot };
}

/** Joins and speaks, 50 packets a second, until it leaves. */
export async function joinAsSpeaker(ticket: Ticket): Promise<Member> {
  const { room, ssrc } = ticket;
  const { client } = await enter(ticket, () => {});
  const { transportId, ...remote } = await client.call('media.createTransport', { room, direction: 'send' });
  const caller = createRtpCaller({ ssrc, onRtp: () => {} });
  await client.call('media.connectTransport', { room, transportId, dtlsParameters: caller.dtlsParameters });
  await caller.connect(remote);
  const rtpParameters = opusRtpParameters(ssrc);
  await client.call('media.produce', { room, transportId, kind: 'audio', source: 'microphone', rtpParameters });
  const stream = createOpusStream({ ssrc });
  const timer = setInterval(() => caller.send(stream.next()), packetIntervalMs);
  return {
    async leave() {
      clearInterval(timer);
      caller.close();
      await leave(client, room);
    },
  };
}

/** Joins, receives the room's first track, and resolves with its first packet. `dueMs` is on the clock of performance.now(). */
export async function joinAsListener(ticket: Ticket, dueMs: number): Promise<{ member: Member; times: JoinTimes }> {
  const { room, ssrc } = ticket;
  const times = Object.fromEntries(joinStages.map((stage) => [stage, Number.NaN])) as Record<JoinStage, number>;
  const reached = (stage: JoinStage) => {
    times[stage] = performance.now() - dueMs;
  };
  const { client, snapshot } = await enter(ticket, reached);
  const producerId = snapshot.peers.flatMap(({ producers }) => producers)[0]?.producerId;
  if (producerId === undefined) throw new Error(`Nobody sends in ${room}.`);

  const { transportId, ...remote } = await client.call('media.createTransport', {
    room,
    direction: 'recv',
    rtpCapabilities: snapshot.routerRtpCapabilities,
  });
  let onFirst: (() => void) | undefined;
  const firstPacket = new Promise<void>((resolve) => {
    onFirst = resolve;
  });
  const caller = createRtpCaller({ ssrc, onRtp: () => onFirst?.() });
  reached('transport');
  const { consumerId } = await client.call('media.consume', { room, transportId, producerId });
  reached('track');
  // In one flight, as the SDK sends them; the consumer's packets wait in nothing: they flow when DTLS is done.
  const { dtlsParameters } = caller;
  await Promise.all([
    client.call('media.connectTransport', { room, transportId, dtlsParameters }),
    client.call('media.resumeConsumer', { room, consumerId }),
    caller.connect(remote),
    withDeadline(firstPacket, firstPacketTimeoutMs, 'The first packet'),
  ]);
  reached('packet');
  return {
    member: {
      async leave() {
        caller.close();
        await leave(client, room);
      },
    },
    times,
  };
}

async function leave(client: RoomClient, room: string): Promise<void> {
  await client.call('room.leave', { room });
  client.close();
}
