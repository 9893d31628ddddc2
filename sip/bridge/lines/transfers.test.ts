import { describe, expect, test } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import type { Call } from '../../drachtio/call.ts';
import { openBridge, openPhone } from '../testing/bridge-stage.ts';
import { transferWithinMs } from './transfers.ts';

const plan = `
realm: example.org
users:
  - { identity: ann, password: secret, numbers: ['100'] }
  - { identity: ben, password: secret, numbers: ['101'] }
trunks:
  - { name: provider, outbound: { targets: ['sip:127.0.0.1:5999'] } }
rules:
  - { name: room, when: { called: '800' }, room: lobby }
  - { name: other, when: { called: '801' }, room: other }
  - { name: never, when: { calledPrefix: '+1900' }, reject: 403 }
  - { name: out, when: { calledPrefix: '+', from: user }, number: '{called}', trunks: [provider] }
`;

const as = (user: string) => ({
  credentials: { user, password: 'secret' },
  headers: { From: `<sip:${user}@127.0.0.1>` },
});

/** Ann's phone in the lobby. */
async function open() {
  const server = await openBridge(plan);
  const phone = await openPhone('ann');
  const to = (called: string) => `sip:${called}@127.0.0.1:${server.port}`;
  const call = await phone.calls(to('800'), as('ann')).answered;
  const peer = await eventually(() => server.desk.peers[0], 'the peer');
  await eventually(() => peer.state.codec !== '', 'that it is in the room');
  const told: string[] = [];
  call.events.on('notify', ({ headers, body }) => {
    told.push(`${body.replace('SIP/2.0 ', '').trim()} ${headers.get('Subscription-State')?.split(';')[0]}`);
  });
  return {
    ...server,
    phone,
    to,
    call,
    peer,
    told,
    async nothingLeft() {
      await server.nothingLeft();
      await phone.facade.nothingLeft();
    },
  };
}

/** A call of a phone as it is named towards the server (RFC 3891): the tag of the phone is the remote one there. */
function replacesOf(call: Call): string {
  const [callId, fromTag] = call.id.split(';from-tag=');
  return encodeURIComponent(`${callId};to-tag=theirs;from-tag=${fromTag}`);
}

describe('a blind transfer', () => {
  test('is told of step by step, and the phone is hung up after the last one', async () => {
    const { call, peer, to, told, nothingLeft } = await open();
    expect((await call.refer(to('101'))).status).toBe(202);
    const transfer = await eventually(() => peer.transfers[0], 'the transfer');
    expect(transfer.to).toEqual({ user: 'ben' });
    transfer.told.ringing();
    transfer.told.done();
    peer.left = true;
    peer.events.emit('left', { reason: 'transferred' });
    expect(await call.ended).toEqual({ by: 'them', reason: 'the others go on without this phone' });
    expect(told).toEqual(['100 Trying active', '180 Ringing active', '200 OK terminated']);
    await nothingLeft();
  });

  test('to a number goes by the trunks that the plan names', async () => {
    const { call, peer, to, nothingLeft } = await open();
    await call.refer(to('+4930123'));
    const transfer = await eventually(() => peer.transfers[0], 'the transfer');
    expect(transfer.to).toEqual({ number: '+4930123' });
    transfer.told.failed('busy');
    await call.bye();
    await nothingLeft();
  });

  test.each([
    ['busy', '486 busy terminated'],
    ['declined', '603 declined terminated'],
    ['no-answer', '480 no-answer terminated'],
    ['failed', '503 failed terminated'],
  ])('that fails as %s leaves the phone where it is', async (reason, last) => {
    const { call, peer, to, told, nothingLeft } = await open();
    await call.refer(to('101'));
    (await eventually(() => peer.transfers[0], 'the transfer')).told.failed(reason);
    await eventually(() => told.includes(last), `${last} among ${told}`);
    expect([call.up, peer.left]).toEqual([true, false]);
    await call.bye();
    await nothingLeft();
  });

  test.each([
    ['+1900666', '403 Forbidden terminated'],
    ['555', '404 Not Found terminated'],
  ])('to %s is not let out', async (called, last) => {
    const { call, peer, to, told, nothingLeft } = await open();
    await call.refer(to(called));
    await eventually(() => told.length > 0, 'the refusal');
    expect([told, peer.transfers]).toEqual([[last], []]);
    await call.bye();
    await nothingLeft();
  });

  test('that nobody hears of any more is over for the phone in time', async () => {
    const { call, peer, to, told, clock, nothingLeft } = await open();
    await call.refer(to('101'));
    const transfer = await eventually(() => peer.transfers[0], 'the transfer');
    await eventually(() => told.length === 1, 'the first word');
    clock.advance(transferWithinMs);
    await eventually(() => told.length === 2, 'the last word');
    expect(told[1]).toBe('408 Request Timeout terminated');
    transfer.told.done();
    expect(call.up).toBe(true);
    await call.bye();
    await nothingLeft();
  });

  test('is one at a time: a further one is refused at once, and the next that is taken is told by its number', async () => {
    const { call, peer, to, told, nothingLeft } = await open();
    const events: (string | undefined)[] = [];
    call.events.on('notify', ({ headers }) => events.push(headers.get('Event')));
    await call.refer(to('101'));
    const first = await eventually(() => peer.transfers[0], 'the transfer');
    await eventually(() => told.length === 1, 'the first word');
    await expect(call.refer(to('+4930123'))).rejects.toMatchObject({ status: 491 });
    first.told.failed('busy');
    await eventually(() => told.at(-1) === '486 busy terminated', 'the refusal');
    expect(told).toHaveLength(2);
    expect((await call.refer(to('+4930123'))).status).toBe(202);
    (await eventually(() => peer.transfers[1], 'the next transfer')).told.failed('declined');
    await eventually(() => told.at(-1) === '603 declined terminated', 'the next refusal');
    expect(events.slice(0, 2)).toEqual(['refer', 'refer']);
    expect(events.at(-1)).toMatch(/^refer;id=\d+$/);
    await call.bye();
    await nothingLeft();
  });

  test('of garbage is refused', async () => {
    const { call, told, nothingLeft } = await open();
    await call.refer('<<<>>>').catch(() => {});
    await call.refer('<urn:service:sos>').catch(() => {});
    await eventually(() => told.length > 0, 'the refusal');
    for (const line of told) expect(line).toMatch(/^404 Not Found/);
    await call.bye();
    await nothingLeft();
  });
});

describe('an attended transfer', () => {
  test('brings the two others of a phone together', async () => {
    const { call, peer, phone, to, desk, nothingLeft } = await open();
    const second = await phone.calls(to('801'), as('ann')).answered;
    const other = await eventually(() => desk.peers[1], 'the second peer');
    await call.refer(`<${to('101')}?Replaces=${replacesOf(second)}>`);
    const transfer = await eventually(() => peer.transfers[0], 'the transfer');
    expect(transfer.to).toBe(other);
    transfer.told.done();
    for (const one of [peer, other]) {
      one.left = true;
      one.events.emit('left', { reason: 'transferred' });
    }
    await Promise.all([call.ended, second.ended]);
    await nothingLeft();
  });

  test('does not reach for a call of somebody else', async () => {
    const { call, peer, to, told, phone, nothingLeft } = await open();
    const bens = await phone.calls(to('801'), as('ben')).answered;
    await call.refer(`<${to('101')}?Replaces=${replacesOf(bens)}>`);
    await eventually(() => told.length > 0, 'the refusal');
    expect([told, peer.transfers]).toEqual([['481 Call/Transaction Does Not Exist terminated'], []]);
    await call.bye();
    await bens.bye();
    await nothingLeft();
  });

  test('of a call that is over is refused', async () => {
    const { call, to, told, nothingLeft } = await open();
    await call.refer(`<${to('101')}?Replaces=gone%3Bto-tag%3Da%3Bfrom-tag%3Db>`);
    await eventually(() => told.length > 0, 'the refusal');
    expect(told).toEqual(['481 Call/Transaction Does Not Exist terminated']);
    await call.bye();
    await nothingLeft();
  });
});
