// Phones whose sound stops while they still answer by SIP, as behind a router that forgets half of them.

import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { CallInfo } from '../../../proto/gen/types.ts';
import type { Call } from '../../../sip/drachtio/call.ts';
import { eventually } from '../../support/eventually.ts';
import { signIn } from '../../support/phones/person.ts';
import { tones } from '../../support/phones/phone.ts';
import { startPhoneServer } from '../../support/phones/phone-server.ts';
import { planOfThree } from '../../support/phones/plan.ts';
import { untilHeard } from '../../support/phones/recordings.ts';
import { startScriptedPhone } from '../../support/phones/scripted-phone.ts';
import { requireOrSkip } from '../../support/require.ts';

/** Short of what operators have, and longer than anything in the way of a packet. */
const silenceTimeoutMs = 4_000;

function endsOf(call: Call): object[] {
  const ends: object[] = [];
  call.events.on('ended', (end) => ends.push(end));
  return ends;
}

describe.skipIf(!requireOrSkip('mediasoup'))('a phone from which nothing comes any more', { timeout: 90_000 }, () => {
  test('is hung up after the time that is set, with the reason, in a call and in a room, and one that holds is not', async () => {
    const server = await startPhoneServer(planOfThree, { sip: { media: { silenceTimeoutMs } } });
    const ben = await signIn(server, 'ben');
    await ben.call('room.join', { room: 'lobby' });
    const [inCall, inRoom, holding] = await Promise.all([
      startScriptedPhone(tones.ann),
      startScriptedPhone(tones.cy),
      startScriptedPhone(tones.ben),
    ]);
    const lobby = `sip:800@127.0.0.1:${server.port}`;

    const answered = inCall.dial(`sip:101@127.0.0.1:${server.port}`, 'ann');
    const { call } = await eventually(() => ben.told<{ call: CallInfo }>('callIncoming')[0], 'the call');
    await ben.call('call.accept', { callId: call.callId });
    await ben.call('room.join', { room: call.room });
    const ended = { call: endsOf(await answered), room: endsOf(await inRoom.dial(lobby, 'cy')) };
    const held = await holding.dial(lobby, 'ben');
    const ofHeld = endsOf(held);
    await untilHeard((ms) => holding.listen(ms), 'cy');
    await held.modify(holding.rtp.describe('inactive'));

    for (const phone of [inCall, inRoom, holding]) phone.rtp.say(undefined);
    const silentMs = performance.now();
    await eventually(() => ended.call.length + ended.room.length === 2, 'both are hung up', 15_000);
    expect(performance.now() - silentMs).toBeGreaterThan(silenceTimeoutMs - 500);
    const why = { by: 'them', reason: 'no media came' };
    expect(ended).toEqual({ call: [why], room: [why] });
    const over = await ben.callThat(({ state }) => state === 'ended', 'the end of the call');
    expect(over).toMatchObject({ callId: call.callId, endReason: 'no-media' });
    const { calls } = await ben.call<{ calls: CallInfo[] }>('call.list');
    expect(calls[0]).toMatchObject({ callId: call.callId, endReason: 'no-media' });
    const left = ben.told<{ room: string; peers: { reason: string }[] }>('peersLeft');
    expect(left.filter(({ room }) => room === 'lobby').flatMap(({ peers }) => peers)).toMatchObject([
      { reason: 'lost' },
    ]);

    await delay(1_000);
    expect(ofHeld).toEqual([]);
    await held.bye();
  });
});
