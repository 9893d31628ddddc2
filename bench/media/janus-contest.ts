// One voice to many listeners, through a room of Parley and through Janus, in one network of their own: Janus' ICE leaves
// the loopback out.

import { answerCalls, type Child, startChild } from '../support/child-calls.ts';
import { fillRooms, type Meeting } from './fill-rooms.ts';
import { measureRounds, type SideSummary, summarize } from './forwarding-rounds.ts';
import { type JanusClient, openJanusClient } from './janus-client.ts';
import { startJanus } from './janus-process.ts';
import { createParleySide } from './parley-side.ts';
import type { SpeakingCallers } from './speaking-callers.ts';

export type JanusContest = typeof calls;

/** See support/node-in-own-network.sh. */
const address = '10.99.0.1';
const room = 1234;
/** ICE of Janus waits more than it works. */
const joinsAtOnce = 4;

interface Contest {
  readonly listeners: number;
  readonly rounds: number;
  readonly turnMs: number;
}

const calls = {
  async measure({ listeners, rounds, turnMs }: Contest): Promise<{ room: SideSummary; janus: SideSummary }> {
    const meeting: Meeting = { name: 'janus', about: '', rooms: 1, peersPerRoom: listeners + 1, speakersPerRoom: 1 };
    await using callers = await startChild<SpeakingCallers>(new URL('./speaking-callers.ts', import.meta.url));
    await using parley = await createParleySide('Parley room');
    await using janus = await startJanus();
    const client = await openJanusClient(janus.url);
    try {
      await fillRooms(parley, meeting, callers);
      const side = { name: 'Janus', workerPids: [janus.pid] };
      await fillJanus(client, `${side.name}/${meeting.name}`, listeners, callers);
      const options = { sides: [parley, side], meeting, callers, turnMs, onRound: () => {} };
      await measureRounds({ ...options, rounds: 1 });
      const turns = await measureRounds({ ...options, rounds });
      const ofJanus = turns.get(side) ?? [];
      return {
        room: summarize(turns.get(parley) ?? [], [ofJanus], turnMs),
        janus: summarize(ofJanus, [ofJanus], turnMs),
      };
    } finally {
      client.close();
    }
  },
};

async function fillJanus(
  client: JanusClient,
  group: string,
  listeners: number,
  callers: Child<SpeakingCallers>,
): Promise<void> {
  const publisher = await client.attach();
  await client.ask(publisher, { request: 'create', room, publishers: 2, audiocodec: 'opus' });
  const joined = await client.ask(publisher, { request: 'join', ptype: 'publisher', room });
  const { caller, sdp } = await callers.call('openSdp', { group, ssrc: 500_000, address });
  const published = await client.ask(publisher, { request: 'publish' }, { type: 'offer', sdp });
  await callers.call('connectSdp', { caller, answer: published.sdp ?? '' });

  let next = 0;
  const lane = async () => {
    for (let at = next++; at < listeners; at = next++) {
      const handle = await client.attach();
      const streams = [{ feed: joined.data.id }];
      const offered = await client.ask(handle, { request: 'join', ptype: 'subscriber', room, streams });
      const ssrc = 510_000 + at;
      const listener = await callers.call('openSdp', { group, ssrc, address, offer: offered.sdp ?? '' });
      await client.ask(handle, { request: 'start' }, { type: 'answer', sdp: listener.sdp });
      await callers.call('connectSdp', { caller: listener.caller });
    }
  };
  await Promise.all(Array.from({ length: joinsAtOnce }, lane));
}

answerCalls(calls, () => {});
