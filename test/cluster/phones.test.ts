// Phones that are registered at different nodes, in calls and rooms of others, over a real Redis and gRPC.

import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Call, type Client, createClient } from '../../client/src/index.ts';
import { createToneTrack } from '../../client/test/tracks.ts';
import { createWrtcDevice } from '../../client/test/wrtc-device.ts';
import { sipCallsPath } from '../../server/http/sip.ts';
import type { KeptCall } from '../../sip/ladder/ladders.ts';
import { eventually } from '../support/eventually.ts';
import { dial, hangUp, tones } from '../support/phones/phone.ts';
import { type PhoneCluster, startPhoneCluster } from '../support/phones/phone-cluster.ts';
import { planOfThree } from '../support/phones/plan.ts';
import { listenAt, untilHeard } from '../support/phones/recordings.ts';
import { listenIn } from '../support/phones/sdk-sound.ts';
import { requireOrSkip } from '../support/require.ts';
import { rawRequest, startRawPeer } from '../support/sip-raw.ts';
import { drainNode } from './drain-node.ts';

const deadlineMs = 30_000;
const here = requireOrSkip('mediasoup') && requireOrSkip('redis') && requireOrSkip('baresip');

describe.skipIf(!here)('phones of two nodes', { timeout: 120_000 }, () => {
  let phones: PhoneCluster;

  beforeAll(async () => {
    phones = await startPhoneCluster(`${planOfThree}registration: { minSeconds: 10 }\n`, { nodes: 2 });
  }, 120_000);

  afterAll(async () => {
    await phones?.[Symbol.asyncDispose]();
  });

  /** Closed with the test. */
  async function signIn(place: number, identity: string): Promise<Client> {
    const client = createClient({
      urls: phones.cluster.urlsFrom(place),
      token: () => phones.cluster.tokenOf(identity),
      webSocket: WebSocket,
      device: createWrtcDevice,
      timing: { reconnectBaseMs: 50, reconnectCapMs: 500, retryBaseMs: 50, retryCapMs: 500 },
    });
    client.calls.on('incoming', () => {});
    onTestFinished(() => client.close());
    await client.connect();
    return client;
  }

  function microphone(voice: keyof typeof tones): MediaStreamTrack {
    const tone = createToneTrack({ frequencyHz: tones[voice] });
    onTestFinished(() => tone[Symbol.dispose]());
    return tone.track;
  }

  /** Phones that come to that node from now on. */
  function registrationsAt(place: number): () => number {
    const all = () => phones.cluster.node(place).output.split('"phone registered"').length;
    const before = all();
    return () => all() - before;
  }

  /** Of all calls by SIP that this node had. */
  async function messagesAt(place: number): Promise<readonly string[]> {
    const ask = async <Answer>(query: string) => {
      const headers = { authorization: `Bearer ${phones.cluster.tokenOf('operator')}` };
      const answer = await fetch(`${phones.cluster.node(place).url}${sipCallsPath}${query}`, { headers });
      expect(answer.status).toBe(200);
      return (await answer.json()) as Answer;
    };
    const { calls } = await ask<{ calls: { callId: string }[] }>('');
    const kept = calls.map(({ callId }) => ask<KeptCall>(`?id=${encodeURIComponent(callId)}`));
    return (await Promise.all(kept)).flatMap(({ messages }) => messages.map(({ text }) => text));
  }

  const ringing = (client: Client): Promise<Call> =>
    eventually(
      () => [...client.calls.current.values()].find(({ state }) => state === 'ringing'),
      'it rings',
      deadlineMs,
    );

  test('a call that begins at one node is answered by a phone of the other one, and both hear each other', async () => {
    const ann = await phones.phoneAt(0, { user: 'ann', answers: true });
    const ben = await signIn(1, 'ben');
    const call = await ben.calls.start({ to: { user: 'ann' }, microphone: microphone('ben') });
    await eventually(() => call.state === 'accepted', 'it is answered', deadlineMs);
    expect(call.otherLegs).toMatchObject([{ identity: 'ann', via: 'phone' }]);
    const room = await eventually(() => call.room, 'the room');
    await untilHeard(() => listenIn(room), 'ann');
    await untilHeard((ms) => listenAt(ann, ms), 'ben');
    await hangUp(ann);
    await eventually(() => call.state === 'ended', 'the caller hears of the end', deadlineMs);
    const listed = await eventually(async () => (await ben.calls.list()).calls[0], 'it is listed', deadlineMs);
    expect(listed).toMatchObject({ callId: call.callId, endReason: 'hung-up' });
  });

  test('the first who answers has the call, and on all nodes the others see that it was answered elsewhere', async () => {
    const ann = await phones.phoneAt(0, { user: 'ann' });
    const [near, far, ben] = [await signIn(0, 'ann'), await signIn(1, 'ann'), await signIn(1, 'ben')];
    const ends = [near, far].map((client) => {
      const reasons: string[] = [];
      client.calls.on('ended', ({ reason }) => reasons.push(reason));
      return reasons;
    });
    const callAll = async (times: number) => {
      const call = await ben.calls.start({ to: { user: 'ann' } });
      await Promise.all([ringing(near), ringing(far), ann.heard('CALL_INCOMING', times)]);
      return call;
    };

    const byPhone = await callAll(1);
    await ann.command('accept');
    await eventually(() => ends.every((reasons) => reasons.length === 1), 'both browsers stop', deadlineMs);
    await eventually(() => byPhone.state === 'accepted', 'it is answered', deadlineMs);
    expect(byPhone.otherLegs).toMatchObject([{ via: 'phone' }]);
    await byPhone.end();
    await ann.heard('CALL_CLOSED');

    const byBrowser = await callAll(2);
    const incoming = await ringing(far);
    await incoming.accept();
    await ann.heard('CALL_CLOSED', 2);
    await eventually(() => ends[0]?.length === 2, 'the other browser stops', deadlineMs);
    await eventually(() => byBrowser.state === 'accepted', 'it is answered', deadlineMs);
    expect(byBrowser.otherLegs).toMatchObject([{ via: 'client' }]);
    await byBrowser.end();
    await eventually(() => incoming.state === 'ended', 'the call is over', deadlineMs);

    const elsewhere = 'answered-elsewhere';
    expect(ends).toEqual([
      [elsewhere, elsewhere],
      [elsewhere, 'hung-up'],
    ]);
    expect(ann.events.filter(({ type }) => type === 'CALL_ESTABLISHED')).toHaveLength(1);
    const canceled = (await messagesAt(0)).filter((text) => text.startsWith('CANCEL'));
    expect(canceled).toEqual([expect.stringContaining('Call completed elsewhere')]);
  });

  test('two phones in a room of another node hear each other, and not themselves', async () => {
    const owner = await signIn(1, 'eve');
    const room = await owner.join('lobby');
    const [ann, ben] = await Promise.all([phones.phoneAt(0, { user: 'ann' }), phones.phoneAt(1, { user: 'ben' })]);
    await dial(ann, '800');
    await dial(ben, '800');
    await Promise.all([untilHeard((ms) => listenAt(ann, ms), 'ben'), untilHeard((ms) => listenAt(ben, ms), 'ann')]);
    const kinds = () => [...room.peers.values()].map(({ kind, identity }) => `${kind} ${identity}`).sort();
    expect(kinds()).toEqual(['phone ann', 'phone ben']);
    await Promise.all([hangUp(ann), hangUp(ben)]);
    await eventually(() => room.peers.size === 0, 'both have left', deadlineMs);
  });

  test('a node that is drained takes no calls and no phones, which go on to the next, and calls go on until they end', async () => {
    const [ann, cy] = await Promise.all([
      phones.phoneAt(0, { user: 'ann' }),
      phones.phoneAt(0, { user: 'cy', answers: true }),
    ]);
    const ben = await signIn(0, 'ben');
    await ann.command('dial', `sip:101@${ann.server}`);
    const call = await ringing(ben);
    const room = await call.accept({ microphone: microphone('ben') });
    await untilHeard((ms) => listenAt(ann, ms), 'ben');
    const node = phones.cluster.node(0);
    const both = registrationsAt(1);
    await drainNode(node, { deadlineMs: 5_000 });
    onTestFinished(async () => void (await drainNode(node, 'undo')));

    await using peer = await startRawPeer(phones.sipPort(0));
    const ask = async (method: string, callId: string) => {
      peer.send(rawRequest({ method, callId, uri: 'sip:800@127.0.0.1' }));
      return await eventually(() => peer.answers(callId)[0], `an answer to ${method}`, deadlineMs);
    };
    for (const method of ['OPTIONS', 'INVITE']) {
      expect(await ask(method, method)).toMatch(/^SIP\/2\.0 503 [\s\S]*\r\nRetry-After: /);
    }
    // One that is registered there still is rung.
    const eve = await signIn(1, 'eve');
    const late = await eve.calls.start({ to: { user: 'cy' } });
    await eventually(() => late.state === 'accepted', 'it is answered', deadlineMs);
    const lateRoom = await eventually(() => late.room, 'its room');
    await untilHeard(() => listenIn(lateRoom), 'cy');
    await late.end();
    await cy.heard('CALL_CLOSED');

    await eventually(() => both() === 2, 'both phones are at the other node', deadlineMs);
    await eventually(
      async () => (await drainNode(node, 'status')).state === 'drained',
      'it is drained',
      deadlineMs,
      250,
    );
    await untilHeard((ms) => listenAt(ann, ms), 'ben');
    await untilHeard(() => listenIn(room), 'ann');
    await hangUp(ann);
    await eventually(() => call.state === 'ended', 'the call is over', deadlineMs);
    expect(call.endReason).toBe('hung-up');
    await drainNode(node, 'undo');
    expect(await ask('OPTIONS', 'again')).toMatch(/^SIP\/2\.0 200 /);
  });

  test('a node that dies takes its calls with it, which are listed so, and its phones are found at the next one', async () => {
    const [ann, cy] = await Promise.all([
      phones.phoneAt(0, { user: 'ann', answers: true }),
      phones.phoneAt(0, { user: 'cy' }),
    ]);
    const [ben, eve] = [await signIn(1, 'ben'), await signIn(1, 'eve')];
    // One lives on the node that stays, the other on the node that dies.
    const here = await eve.calls.start({ to: { user: 'ann' } });
    await eventually(() => here.state === 'accepted', 'ann answers', deadlineMs);
    await cy.command('dial', `sip:101@${cy.server}`);
    const there = await ringing(ben);
    await there.accept();
    await cy.heard('CALL_ESTABLISHED');
    const both = registrationsAt(1);
    await phones.cluster.node(0).kill();

    for (const [client, call] of [
      [eve, here],
      [ben, there],
    ] as const) {
      await eventually(() => call.state === 'ended', 'its end is told', deadlineMs);
      expect(call.endReason).toBe('node-lost');
      const listed = async () => (await client.calls.list()).calls.find(({ callId }) => callId === call.callId);
      const { endReason, legs } = await eventually(listed, 'it is listed', deadlineMs);
      expect({ endReason, legs: legs.length }).toEqual({ endReason: 'node-lost', legs: 2 });
    }

    // Nobody tells phones that it is over: they say so themselves, to nobody.
    await Promise.all([hangUp(ann), hangUp(cy)]);
    await eventually(() => both() === 2, 'both phones are at the other node', deadlineMs);
    const again = await eve.calls.start({ to: { user: 'ann' } });
    await eventually(() => again.state === 'accepted', 'ann answers again', deadlineMs);
    const room = await eventually(() => again.room, 'the room');
    await untilHeard(() => listenIn(room), 'ann');
    await again.end();
    await ann.heard('CALL_CLOSED', 2);

    // A phone that is switched off says so.
    for (const phone of [ann, cy]) process.kill(phone.pid, 'SIGTERM');
    await eventually(
      async () => (await phones.registered()).length === 0,
      'no phone is known any more',
      deadlineMs,
      250,
    );
    expect(await phones.cluster.node(1).metric('parley_phones_registered')).toBe(0);
  });
});
