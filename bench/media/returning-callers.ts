// People in rooms whose media worker dies, in a process of their own: each comes back by itself, as an SDK does.

import type { MediaReset, ProducerAdded, RtpCapabilities } from '../../proto/gen/types.ts';
import { answerCalls } from '../support/child-calls.ts';
import { createOpusStream, opusRtpParameters, packetIntervalMs } from './opus-stream.ts';
import { openRoomClient, type RoomClient } from './room-client.ts';
import { createRtpCaller, type RtpCaller } from './rtp-caller.ts';

export type ReturningCallers = typeof calls;

export interface Comeback {
  /** On the clock of Date.now(), which all processes share. */
  readonly toldAtMs: number;
  /** Both transports are up. */
  readonly upAtMs: number;
  /** The first packet of the room's voice. */
  readonly heardAtMs: number;
}

interface Person {
  readonly client: RoomClient;
  readonly room: string;
  readonly peerId: string;
  readonly isSpeaker: boolean;
  callers: RtpCaller[];
  speaking: NodeJS.Timeout | undefined;
  /** The id of the room's voice, as soon as it was told. */
  voice: Told;
  capabilities: RtpCapabilities;
  toldAtMs: number;
  upAtMs: number;
  heardAtMs: number;
}

interface Told {
  readonly promise: Promise<string>;
  resolve(producerId: string): void;
}

function toBeTold(): Told {
  let resolve: (producerId: string) => void = () => {};
  const promise = new Promise<string>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

const handshakesAtOnce = 16;
const people: Person[] = [];
let nextSsrc = 1_000;

const calls = {
  /** One of each room speaks to all others; each has a transport either way. */
  async open({ wsUrl, rooms, tokens }: { wsUrl: string; rooms: number; tokens: readonly string[] }): Promise<void> {
    const queue = [...tokens.entries()];
    // The speakers first.
    for (const entry of queue.splice(0, rooms)) await join(wsUrl, `room-${entry[0]}`, entry[1], true);
    const lane = async () => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        await join(wsUrl, `room-${next[0] % rooms}`, next[1], false);
      }
    };
    await Promise.all(Array.from({ length: handshakesAtOnce }, lane));
  },

  /** When each came back, of those who did. */
  comebacks: (): Comeback[] =>
    people.filter(isBack).map(({ toldAtMs, upAtMs, heardAtMs }) => ({ toldAtMs, upAtMs, heardAtMs })),

  close() {
    for (const { client, callers, speaking } of people) {
      clearInterval(speaking);
      for (const caller of callers) caller.close();
      client.close();
    }
  },
};

const isBack = ({ toldAtMs, upAtMs, heardAtMs, isSpeaker }: Person) =>
  toldAtMs > 0 && upAtMs > 0 && (isSpeaker || heardAtMs > 0);

async function join(wsUrl: string, room: string, token: string, isSpeaker: boolean): Promise<void> {
  let person: Person | undefined;
  const client = await openRoomClient(wsUrl, (name, event) => {
    if (person) hear(person, name, event);
  });
  await client.call('session.connect', { token });
  const { peerId, routerRtpCapabilities, peers } = await client.call('room.join', { room });
  const voice = toBeTold();
  const producer = peers.flatMap(({ producers }) => producers)[0];
  if (producer) voice.resolve(producer.producerId);
  const times = { toldAtMs: 0, upAtMs: 0, heardAtMs: 0 };
  person = {
    client,
    room,
    peerId,
    isSpeaker,
    callers: [],
    speaking: undefined,
    voice,
    capabilities: routerRtpCapabilities,
    ...times,
  };
  people.push(person);
  await attach(person);
}

function hear(person: Person, name: string, event: unknown): void {
  if (name === 'mediaReset') {
    const { peerIds, routerRtpCapabilities } = event as MediaReset;
    if (peerIds.length > 0 && !peerIds.includes(person.peerId)) return;
    for (const caller of person.callers.splice(0)) caller.close();
    Object.assign(person, { toldAtMs: Date.now(), upAtMs: 0, heardAtMs: 0, capabilities: routerRtpCapabilities });
    person.voice = toBeTold();
    clearInterval(person.speaking);
    attach(person).catch(report);
  }
  if (name === 'producerAdded') person.voice.resolve((event as ProducerAdded).producer.producerId);
}

/** Both transports at once. Who listens asks for the voice as soon as there is a transport for it. */
async function attach(person: Person): Promise<void> {
  const [sends] = await Promise.all([connect(person, 'send'), connect(person, 'recv')]);
  person.upAtMs = Date.now();
  if (person.isSpeaker) await speak(person, sends);
}

async function speak(person: Person, { transportId, caller, ssrc }: Connected): Promise<void> {
  const { client, room } = person;
  const rtpParameters = opusRtpParameters(ssrc);
  await client.call('media.produce', { room, transportId, kind: 'audio', source: 'microphone', rtpParameters });
  const stream = createOpusStream({ ssrc });
  person.speaking = setInterval(() => caller.send(stream.next()), packetIntervalMs);
}

interface Connected {
  readonly transportId: string;
  readonly caller: RtpCaller;
  readonly ssrc: number;
}

async function connect(person: Person, direction: 'send' | 'recv'): Promise<Connected> {
  const { client, room, capabilities } = person;
  const ssrc = nextSsrc++;
  const onRtp = () => {
    person.heardAtMs ||= Date.now();
  };
  const receiving = direction === 'recv' && { rtpCapabilities: capabilities };
  const { transportId, ...remote } = await client.call('media.createTransport', { room, direction, ...receiving });
  const caller = createRtpCaller({ ssrc, onRtp });
  person.callers.push(caller);
  if (direction === 'recv' && !person.isSpeaker) void listen(person, transportId).catch(report);
  const { dtlsParameters } = caller;
  await Promise.all([
    client.call('media.connectTransport', { room, transportId, dtlsParameters }),
    caller.connect(remote),
  ]);
  return { transportId, caller, ssrc };
}

async function listen({ client, room, voice }: Person, transportId: string): Promise<void> {
  const { consumerId } = await client.call('media.consume', { room, transportId, producerId: await voice.promise });
  await client.call('media.resumeConsumer', { room, consumerId });
}

function report(error: unknown): void {
  process.stderr.write(`${error}\n`);
}

answerCalls(calls, calls.close);
