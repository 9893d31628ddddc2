import { describe, expect, test } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { openBridge, openPhone, refusalOf } from './testing/bridge-stage.ts';
import { memorySdp } from './testing/memory-phone-media.ts';

const plan = `
realm: example.org
guests: true
users:
  - { identity: ann, password: secret, numbers: ['100'] }
  - { identity: ben, password: secret, numbers: ['101'] }
trunks:
  - name: provider
    inbound: { login: provider, password: provided }
    outbound: { targets: ['sip:127.0.0.1:5999'] }
rules:
  - { name: room, when: { called: '800' }, room: lobby }
  - { name: pins, when: { called: '900' }, pin: { rooms: [{ pin: '123456', room: board }] } }
  - { name: early pins, when: { called: '901' }, pin: { rooms: [{ pin: '123456', room: board }], early: true } }
  - { name: out, when: { calledPrefix: ['+', '0'], from: user }, number: '{called}' }
`;
const ann = { credentials: { user: 'ann', password: 'secret' } };
const asAnn = { ...ann, headers: { From: '<sip:ann@127.0.0.1>' } };

async function open() {
  const server = await openBridge(plan);
  const phone = await openPhone('guest');
  const to = (called: string) => `sip:${called}@127.0.0.1:${server.port}`;
  return {
    ...server,
    phone,
    to,
    async nothingLeft() {
      await server.nothingLeft();
      await phone.facade.nothingLeft();
    },
  };
}

describe('a call into a room', () => {
  test('makes the phone a peer, and takes it out when it hangs up', async () => {
    const { phone, to, desk, media, nothingLeft } = await open();
    const call = await phone.calls(to('800')).answered;
    const [peer] = desk.peers;
    expect(peer?.request).toMatchObject({ room: 'lobby', name: 'guest', trunk: '' });
    await eventually(() => peer?.state.codec === 'PCMU', 'that the room is shown its codec');
    const [leg] = media.legs;
    expect(leg?.room).toBe(peer?.media);
    await call.bye();
    await eventually(() => peer?.left, 'that it left');
    expect(peer?.leftAs).toBe('left');
    expect(peer?.quality).toEqual({ mos: 4.2, loss: 0.01, jitterMs: 3, rttMs: 5 });
    expect(leg?.closed).toBe(true);
    await nothingLeft();
  });

  test('that is taken back while its media is opened leaves no media behind', async () => {
    const { bridge, phone, to, desk, media, nothingLeft } = await open();
    let goOn = () => {};
    media.opening = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const placed = phone.calls(to('800'));
    await eventually(() => bridge.stats.incoming === 1, 'the call');
    await placed.cancel();
    goOn();
    await nothingLeft();
    expect(desk.peers).toEqual([]);
  });

  test('that has no sound is 488, and nobody was in the room', async () => {
    const { phone, to, desk, nothingLeft } = await open();
    const video = memorySdp(0).replace('m=audio 0', 'm=video 5000');
    expect(await refusalOf(phone.calls(to('800'), { sdp: video }))).toMatch(/^488 SIP;cause=488;text="The session/);
    expect(desk.peers).toEqual([]);
    await nothingLeft();
  });

  test('that is full is refused with the reason, and is not busy', async () => {
    const { phone, to, desk, nothingLeft } = await open();
    desk.mostPeers = 0;
    expect(await refusalOf(phone.calls(to('800')))).toBe(
      '480 SIP;cause=480;text="The room lobby is full: it holds 0."',
    );
    await nothingLeft();
  });

  test('where the threads are late is 503 with a time', async () => {
    const { phone, to, media, nothingLeft } = await open();
    media.mostLegs = 0;
    const call = phone.calls(to('800'));
    expect(await refusalOf(call)).toMatch(/^503/);
    await nothingLeft();
  });

  test('without an offer is answered with one, and the answer is taken from the ACK', async () => {
    const { phone, to, media, nothingLeft } = await open();
    const offers: string[] = [];
    const call = await phone.calls(to('800'), {
      sdp: undefined as never,
      answer: (offer) => {
        offers.push(offer);
        return memorySdp(4_002);
      },
    }).answered;
    expect(offers[0]).toContain('m=audio 2000');
    const [leg] = media.legs;
    await eventually(() => leg?.taken.length === 1, 'the answer');
    expect(leg?.taken).toEqual([memorySdp(4_002)]);
    await call.bye();
    await nothingLeft();
  });

  test('nowhere is 404', async () => {
    const { phone, to, nothingLeft } = await open();
    expect(await refusalOf(phone.calls(to('555')))).toMatch(/^404/);
    await nothingLeft();
  });

  test('of a user needs the password', async () => {
    const { phone, to, desk, nothingLeft } = await open();
    const headers = { From: '<sip:ann@127.0.0.1>' };
    expect(await refusalOf(phone.calls(to('800'), { headers }))).toMatch(/^401/);
    const wrong = { headers, credentials: { user: 'ann', password: 'wrong' } };
    expect(await refusalOf(phone.calls(to('800'), wrong))).toMatch(/^403/);
    const call = await phone.calls(to('800'), asAnn).answered;
    expect(desk.peers.map(({ identity }) => identity)).toEqual(['ann']);
    await call.bye();
    await nothingLeft();
  });

  test('by a trunk with as many calls as it may have is 503', async () => {
    const { phone, to, trunks, nothingLeft } = await open();
    const byTrunk = { credentials: { user: 'provider', password: 'provided' } };
    const headers = { From: '<sip:provider@127.0.0.1>' };
    const first = await phone.calls(to('800'), { ...byTrunk, headers }).answered;
    trunks.mostIncoming = 1;
    expect(await refusalOf(phone.calls(to('800'), { ...byTrunk, headers }))).toMatch(/^503/);
    await first.bye();
    await nothingLeft();
    expect(trunks.log).toEqual(['provider incoming answered', 'provider incoming ended']);
  });
});

describe('a call to a user', () => {
  test('rings, is told that it rings once, and enters the room of the call when somebody answers', async () => {
    const { phone, to, desk, nothingLeft } = await open();
    const placed = phone.calls(to('101'), asAnn);
    const heard: number[] = [];
    placed.events.on('progress', ({ status }) => heard.push(status));
    const call = await eventually(() => desk.calls[0], 'the call');
    expect(call.request).toMatchObject({
      to: { user: 'ben' },
      ringMs: 45_000,
      caller: { identity: 'ann', number: '100' },
    });
    call.told.ringing();
    call.told.ringing();
    await eventually(() => heard.length > 0, 'the ring-back');
    call.accept();
    const up = await placed.answered;
    expect(heard).toEqual([180]);
    expect(desk.peers[0]?.request).toMatchObject({ room: 'call-0', callId: 'call-0' });
    await up.bye();
    await nothingLeft();
  });

  test.each([
    ['busy', 486],
    ['declined', 603],
    ['no-answer', 480],
    ['unreachable', 480],
    ['forbidden', 403],
  ])('that is %s is refused with %i', async (reason, status) => {
    const { phone, to, desk, nothingLeft } = await open();
    const placed = phone.calls(to('101'), asAnn);
    (await eventually(() => desk.calls[0], 'the call')).told.failed(reason);
    expect(await refusalOf(placed)).toMatch(new RegExp(`^${status} SIP;cause=${status};text="${reason}"`));
    await nothingLeft();
  });

  test('that is taken back stops to ring', async () => {
    const { phone, to, desk, nothingLeft } = await open();
    const placed = phone.calls(to('101'), asAnn);
    const call = await eventually(() => desk.calls[0], 'the call');
    call.told.ringing();
    await placed.cancel();
    await eventually(() => call.canceled, 'that it is canceled');
    await nothingLeft();
    expect(desk.peers).toEqual([]);
  });

  test('that is taken back as it is answered leaves nobody behind', async () => {
    const { phone, to, desk, nothingLeft } = await open();
    const placed = phone.calls(to('101'), asAnn);
    const call = await eventually(() => desk.calls[0], 'the call');
    call.accept();
    void placed.cancel();
    await nothingLeft();
    expect(desk.peers.every(({ left }) => left)).toBe(true);
  });
});

describe('a PIN prompt', () => {
  test('answers first, and leads into the room of the PIN', async () => {
    const { phone, to, desk, askPin, nothingLeft } = await open();
    const call = await phone.calls(to('900')).answered;
    const asked = await eventually(() => askPin.asked[0], 'the prompt');
    expect(asked.question).toMatchObject({ source: '127.0.0.1', group: { trunk: '', rule: 'pins' } });
    expect(desk.peers).toEqual([]);
    const [choice] = asked.question.choices;
    if (choice !== undefined) asked.answer({ kind: 'right', choice });
    await eventually(() => desk.peers[0]?.room === 'board', 'that it is in the room');
    await call.bye();
    await nothingLeft();
  });

  test('by early media answers only who knows the PIN', async () => {
    const { phone, to, desk, askPin, nothingLeft } = await open();
    const placed = phone.calls(to('901'));
    const heard: string[] = [];
    placed.events.on('progress', ({ status, sdp }) =>
      heard.push(`${status} ${sdp.includes('m=audio') ? 'sound' : ''}`),
    );
    const asked = await eventually(() => askPin.asked[0], 'the prompt');
    expect(desk.peers).toEqual([]);
    const [choice] = asked.question.choices;
    if (choice !== undefined) asked.answer({ kind: 'right', choice });
    const call = await placed.answered;
    expect(heard).toEqual(['183 sound']);
    await call.bye();
    await nothingLeft();
  });

  test('by early media refuses who does not', async () => {
    const { phone, to, askPin, nothingLeft } = await open();
    const placed = phone.calls(to('901'));
    (await eventually(() => askPin.asked[0], 'the prompt')).answer({ kind: 'wrong' });
    expect(await refusalOf(placed)).toMatch(/^403/);
    await nothingLeft();
  });

  test('that was answered hangs up with the reason', async () => {
    const { phone, to, askPin, nothingLeft } = await open();
    const call = await phone.calls(to('900')).answered;
    (await eventually(() => askPin.asked[0], 'the prompt')).answer({ kind: 'silent' });
    expect(await call.ended).toEqual({ by: 'them', reason: 'no PIN was entered' });
    await nothingLeft();
  });

  test('is asked of callers of a trunk as one group, whatever number they write, and of users by name', async () => {
    const { phone, to, askPin, nothingLeft } = await open();
    const headers = { From: '<sip:provider@127.0.0.1>', 'P-Asserted-Identity': '<sip:+4930123@127.0.0.1>' };
    const byTrunk = { credentials: { user: 'provider', password: 'provided' }, headers };
    const calls = [await phone.calls(to('900'), byTrunk).answered, await phone.calls(to('900'), asAnn).answered];
    await eventually(() => askPin.asked.length === 2, 'both prompts');
    expect(askPin.asked.map(({ question: { source, group } }) => [source, group])).toEqual([
      ['provider:+4930123', { trunk: 'provider', rule: 'pins' }],
      ['user:ann', undefined],
    ]);
    for (const call of calls) await call.bye();
    await nothingLeft();
  });

  test('is not begun for a source with too many wrong PINs', async () => {
    const { phone, to, askPin, nothingLeft } = await open();
    askPin.locked.add('127.0.0.1');
    expect(await refusalOf(phone.calls(to('900')))).toMatch(/^403/);
    expect(askPin.asked).toEqual([]);
    await nothingLeft();
  });

  test('ends with the call', async () => {
    const { phone, to, desk, askPin, nothingLeft } = await open();
    const call = await phone.calls(to('900')).answered;
    await eventually(() => askPin.asked[0], 'the prompt');
    await call.bye();
    await nothingLeft();
    expect(desk.peers).toEqual([]);
  });
});
