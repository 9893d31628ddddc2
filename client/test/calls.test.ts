// Calls of clients of a whole server: real signaling, a real media worker, real WebRTC, and a real phone.

import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { eventually } from '../../test/support/eventually.ts';
import { registeredPhone } from '../../test/support/phones/phone.ts';
import { startPhoneServer } from '../../test/support/phones/phone-server.ts';
import { planOfThree } from '../../test/support/phones/plan.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { type RunningServer, startServer } from '../../test/support/start-server.ts';
import { type Call, type Client, createClient, type Room } from '../src/index.ts';
import { hear } from './heard-sound.ts';
import { grows, remoteTrack } from './real-room.ts';
import { createToneTrack } from './tracks.ts';
import { createWrtcDevice } from './wrtc-device.ts';

const canRun = requireOrSkip('mediasoup');
const can = ['join', 'publish', 'subscribe', 'chat', 'history', 'call', 'call:number'] as const;

interface Caller {
  readonly client: Client;
  readonly incoming: Call[];
  /** Tears the connection down, as a network does. */
  cutConnection(): void;
}

const open: Client[] = [];

async function connect(server: RunningServer, identity: string): Promise<Caller> {
  const sockets: WebSocket[] = [];
  class KeptWebSocket extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols);
      sockets.push(this);
    }
  }
  const client = createClient({
    url: server.wsUrl,
    token: () => server.issueToken({ identity, can }),
    webSocket: KeptWebSocket,
    device: createWrtcDevice,
  });
  open.push(client);
  const incoming: Call[] = [];
  client.calls.on('incoming', (call) => incoming.push(call));
  await client.connect();
  return { client, incoming, cutConnection: () => sockets.at(-1)?.terminate() };
}

const rings = (caller: Caller, n = 0) => eventually(() => caller.incoming[n], 'a call that comes in');
const isOver = (call: Call) => eventually(() => call.endReason, 'the end of the call');

function tone(): MediaStreamTrack {
  const made = createToneTrack();
  onTestFinished(() => made[Symbol.dispose]());
  return made.track;
}

/** The payload type that the microphone is sent with: 0 is PCMU (RFC 3551 section 6), and Opus has one from 96 on. */
async function payloadTypeSent(room: Room): Promise<number | undefined> {
  const report = await room.localTracks.get('microphone')?.getStats();
  let payloadType: number | undefined;
  report?.forEach((entry: { type: string; codecId?: string }) => {
    // Named after it by this library: `RTCCodec_1_Outbound_0`.
    const digits = entry.type === 'outbound-rtp' ? /_(\d+)$/.exec(entry.codecId ?? '')?.[1] : undefined;
    if (digits !== undefined) payloadType = Number(digits);
  });
  return payloadType;
}

describe.skipIf(!canRun)('a call between clients', { timeout: 60_000 }, () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterEach(() => Promise.all(open.splice(0).map((client) => client.close())));
  afterAll(() => server?.close());

  it('is heard on both sides, and over for both when one ends it', async () => {
    const [ada, ben] = await Promise.all([connect(server, 'ada'), connect(server, 'ben')]);
    const call = await ada.client.calls.start({ to: { user: 'ben' }, microphone: tone(), subject: 'lunch' });
    const rung = await rings(ben);
    expect([rung.info.subject, rung.otherLegs[0]?.identity, rung.direction]).toEqual(['lunch', 'ada', 'incoming']);
    const room = await rung.accept({ microphone: tone() });
    await eventually(() => call.state === 'accepted', 'the answer');
    const heard = await Promise.all(
      [call.room ?? expect.fail('no room'), room].map((one) => remoteTrack(one, 'microphone')),
    );
    await Promise.all(heard.map((track) => grows(track, 'totalAudioEnergy')));
    await rung.end();
    expect([await isOver(call), await isOver(rung)]).toEqual(['hung-up', 'hung-up']);
    expect([call.room, rung.room]).toEqual([undefined, undefined]);
    const { calls } = await ada.client.calls.list();
    expect(calls[0]).toMatchObject({ direction: 'outgoing', endReason: 'hung-up', subject: 'lunch' });
  });

  it.each([
    ['declined', (call: Call) => call.decline()],
    ['busy', (call: Call) => call.decline({ busy: true })],
  ] as const)('that is refused as %s says so', async (reason, refuse) => {
    const [ada, ben] = await Promise.all([connect(server, 'ada'), connect(server, 'ben')]);
    const call = await ada.client.calls.start({ to: { user: 'ben' } });
    await refuse(await rings(ben));
    await isOver(call);
    expect(call.otherLegs[0]?.endReason).toBe(reason);
  });

  it('that nobody answers ends when its time is over', async () => {
    const [ada, ben] = await Promise.all([connect(server, 'ada'), connect(server, 'ben')]);
    const call = await ada.client.calls.start({ to: { user: 'ben' }, ringMs: 1_500 });
    const rung = await rings(ben);
    await Promise.all([isOver(call), isOver(rung)]);
    expect([call.otherLegs[0]?.endReason, rung.endReason]).toEqual(['no-answer', 'no-answer']);
    expect((await ben.client.calls.list()).calls[0]?.direction).toBe('missed');
  });

  it('is answered by one device of two, and the other is told', async () => {
    const [ada, ben, other] = await Promise.all([
      connect(server, 'ada'),
      connect(server, 'ben'),
      connect(server, 'ben'),
    ]);
    await ada.client.calls.start({ to: { user: 'ben' } });
    const [first, second] = await Promise.all([rings(ben), rings(other)]);
    await first.accept();
    expect(await isOver(second)).toBe('answered-elsewhere');
    await expect(second.accept()).rejects.toMatchObject({ reason: 'CALL_OVER' });
    expect(first.state).toBe('accepted');
  });

  it('goes on with its room when the connection is lost for a moment', async () => {
    const [ada, ben] = await Promise.all([connect(server, 'ada'), connect(server, 'ben')]);
    const call = await ada.client.calls.start({ to: { user: 'ben' }, microphone: tone() });
    const room = await (await rings(ben)).accept({ microphone: tone() });
    const adas = await remoteTrack(room, 'microphone');
    await grows(adas, 'totalAudioEnergy');
    ada.cutConnection();
    await eventually(() => ada.client.state !== 'connected', 'the loss');
    await eventually(() => ada.client.state === 'connected', 'the return');
    await ada.client.ping();
    expect([call.state, call.room?.peers.size]).toEqual(['accepted', 1]);
    await grows(adas, 'totalAudioEnergy');
  });

  it('is handed on to another one of the same client, and the two others are in one room', async () => {
    const [ada, ben, eve] = await Promise.all([connect(server, 'ada'), connect(server, 'ben'), connect(server, 'eve')]);
    const first = await ada.client.calls.start({ to: { user: 'ben' } });
    const bens = await rings(ben);
    await bens.accept({ microphone: tone() });
    await first.hold();
    await eventually(() => bens.otherLegs[0]?.held, 'the hold is told');
    const second = await ada.client.calls.start({ to: { user: 'eve' } });
    const eves = await rings(eve);
    await eves.accept({ microphone: tone() });
    await eventually(() => second.state === 'accepted', 'the second answer');
    await second.transfer(first);
    expect([await isOver(first), await isOver(second)]).toEqual(['transferred', 'transferred']);
    await eventually(() => bens.room?.name === eves.room?.name && bens.room, 'both are in one room');
    expect(bens.callId).toBe(eves.callId);
    const heard = await Promise.all(
      [bens, eves].map(({ room }) => remoteTrack(room ?? expect.fail('no room'), 'microphone')),
    );
    await Promise.all(heard.map((track) => grows(track, 'totalAudioEnergy')));
  });

  it('that may not be made is refused with the grant that is missing', async () => {
    const client = createClient({
      url: server.wsUrl,
      token: () => server.issueToken({ identity: 'dan', can: ['join', 'call'] }),
      webSocket: WebSocket,
    });
    open.push(client);
    await client.connect();
    await expect(client.calls.start({ to: { number: '100' } })).rejects.toMatchObject({
      reason: 'GRANT_MISSING',
      details: { grant: 'call:number' },
    });
    expect(client.calls.current.size).toBe(0);
  });
});

describe.skipIf(!canRun || !requireOrSkip('baresip'))('a call with a phone', { timeout: 60_000 }, () => {
  afterEach(() => Promise.all(open.splice(0).map((client) => client.close())));

  it('is sent with the codec of the phone, with Opus while a third is there, and is heard all the while', async () => {
    const server = await startPhoneServer(planOfThree);
    await registeredPhone(server, { user: 'ann', answers: true });
    const [ben, cy] = await Promise.all([connect(server, 'ben'), connect(server, 'cy')]);
    const call = await ben.client.calls.start({ to: { user: 'ann' }, microphone: tone() });
    const room = call.room ?? expect.fail('no room');
    await eventually(() => call.info.audioCodec === 'PCMU', 'the codec of the phone');
    await eventually(async () => (await payloadTypeSent(room)) === 0, 'the microphone is sent with it', 10_000);
    const anns = await remoteTrack(room, 'microphone');
    await grows(anns, 'totalAudioEnergy');

    await call.add({ user: 'cy' });
    const cys = await (await rings(cy)).accept();
    await eventually(
      async () => ((await payloadTypeSent(room)) ?? 0) >= 96,
      'the microphone is sent with Opus',
      10_000,
    );
    const bens = await eventually(
      () => [...cys.remoteTracks.values()].find(({ peerId }) => peerId === room.peerId),
      'his track at the third',
    );
    using sound = hear(cys, bens);
    await eventually(() => sound.buffers > 20, 'his voice', 10_000);
    await call.endLeg(call.otherLegs.find(({ identity }) => identity === 'cy')?.legId ?? '');
    await eventually(async () => (await payloadTypeSent(room)) === 0, 'it is as it was', 10_000);
    await grows(anns, 'totalAudioEnergy');
  });
});
