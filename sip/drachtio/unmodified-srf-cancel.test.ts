import { describe, expect, test } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { toTagOf } from '../agent/facade/testing/udp-peer.ts';
import { one, sdp, type Untyped, wanted } from './testing/two-srfs.ts';

// A call of drachtio-srf is taken back at every point of its life; the other side is a socket, so that each point is one.

const typed = { more: ['Content-Type: application/sdp'], body: sdp(5000) };

async function place() {
  const opened = await one(['UDP']);
  const peer = await opened.peer();
  let sent: Untyped;
  const progress: number[] = [];
  const outcome: Untyped = opened.srf
    .createUAC(
      `sip:x@127.0.0.1:${peer.port}`,
      { localSdp: sdp(4000) },
      {
        cbRequest: (_error: unknown, req: Untyped) => {
          sent = req;
        },
        cbProvisional: (res: Untyped) => progress.push(res.status),
      },
    )
    .catch((error: Untyped) => error.status);
  const invite = await peer.next('INVITE ');
  await eventually(() => sent, 'the request to be there');
  const cancels = () => peer.heard.filter((text) => text.startsWith('CANCEL ')).length;
  return { ...opened, peer, invite, sent, outcome, progress, cancels };
}

describe('a call that is placed, and taken back', () => {
  test('before anything was answered: the CANCEL waits for the first answer', async () => {
    const { peer, invite, sent, outcome, cancels, nothingLeft } = await place();
    sent.cancel();
    peer.request('OPTIONS', { call: 'marker' });
    await peer.next('SIP/2.0 503');
    expect(cancels()).toBe(0);
    peer.answer(invite, '100 Trying');
    peer.answer(await peer.next('CANCEL '), '200 OK');
    peer.answer(invite, '487 Request Terminated');
    expect(await outcome).toBe(487);
    await nothingLeft();
  });

  test('and nothing is ever answered: nothing but the INVITE was sent, and it is 408', async () => {
    const { clock, sent, outcome, cancels, nothingLeft } = await place();
    sent.cancel();
    clock.advance(32_001);
    expect(await outcome).toBe(408);
    expect(cancels()).toBe(0);
    await nothingLeft();
  });

  test.each([
    ['after 100', ['100 Trying']],
    ['as it rings', ['100 Trying', '180 Ringing']],
    ['with early media', ['180 Ringing', '183 Session Progress']],
  ])('%s', async (_, answers) => {
    const { agent, peer, invite, sent, outcome, nothingLeft } = await place();
    for (const answer of answers) peer.answer(invite, answer);
    await eventually(() => agent.stats.messages.get(`in ${answers.at(-1)?.slice(0, 3)}`) === 1, 'the answers');
    sent.cancel();
    peer.answer(await peer.next('CANCEL '), '200 OK');
    peer.answer(invite, '487 Request Terminated');
    await peer.next('ACK ');
    expect(await outcome).toBe(487);
    await nothingLeft();
  });

  test('by a CANCEL that is never answered: 487 after 64 × T1, and a 2xx after it is hung up', async () => {
    const { clock, peer, invite, sent, outcome, nothingLeft, agent } = await place();
    peer.answer(invite, '180 Ringing');
    await eventually(() => agent.stats.messages.get('in 180') === 1, 'the answer');
    sent.cancel();
    await peer.next('CANCEL ');
    clock.advance(32_001);
    expect([408, 487]).toContain(await outcome);
    await nothingLeft();
  });

  test('as the 200 is under way: the call is there, and its BYE ends it', async () => {
    const { agent, peer, invite, sent, outcome, nothingLeft } = await place();
    peer.answer(invite, '180 Ringing');
    await eventually(() => agent.stats.messages.get('in 180') === 1, 'the answer');
    sent.cancel();
    // The 200 of the INVITE left before the CANCEL came (RFC 3261 section 9.1).
    const cancel = await peer.next('CANCEL ');
    peer.answer(invite, '200 OK', typed);
    peer.answer(cancel, '200 OK');
    await peer.next('ACK ');
    const dialog = await outcome;
    void dialog.destroy();
    peer.answer(await peer.next('BYE '), '200 OK');
    await nothingLeft();
  });

  test('as it was refused: the refusal counts', async () => {
    const { agent, peer, invite, sent, outcome, nothingLeft } = await place();
    peer.answer(invite, '180 Ringing');
    await eventually(() => agent.stats.messages.get('in 180') === 1, 'the answer');
    sent.cancel();
    const cancel = await peer.next('CANCEL ');
    peer.answer(invite, '486 Busy Here');
    peer.answer(cancel, '481 Call/Transaction Does Not Exist');
    await peer.next('ACK ');
    expect(await outcome).toBe(486);
    await nothingLeft();
  });

  test('after it was accepted: nothing is sent, and the call goes on', async () => {
    const { peer, invite, sent, outcome, cancels, nothingLeft } = await place();
    peer.answer(invite, '200 OK', typed);
    const dialog = await outcome;
    await new Promise<void>((resolve) => sent.cancel({}, () => resolve()));
    void dialog.request({ method: 'INFO' });
    peer.answer(await peer.next('INFO '), '200 OK');
    expect(cancels()).toBe(0);
    void dialog.destroy();
    peer.answer(await peer.next('BYE '), '200 OK');
    await nothingLeft();
  });

  test('twice: one CANCEL is sent', async () => {
    const { agent, peer, invite, sent, outcome, cancels, nothingLeft } = await place();
    peer.answer(invite, '180 Ringing');
    await eventually(() => agent.stats.messages.get('in 180') === 1, 'the answer');
    sent.cancel();
    sent.cancel();
    peer.answer(await peer.next('CANCEL '), '200 OK');
    peer.answer(invite, '487 Request Terminated');
    expect(await outcome).toBe(487);
    expect(cancels()).toBe(1);
    await nothingLeft();
  });
});

async function ring(answer: (req: Untyped, res: Untyped, srf: Untyped) => void) {
  const opened = await one(['UDP']);
  const peer = await opened.peer();
  let canceled = 0;
  const came = new Promise<{ req: Untyped; res: Untyped }>((resolve) => {
    opened.srf.invite((req: Untyped, res: Untyped) => {
      req.on('cancel', () => {
        canceled += 1;
      });
      answer(req, res, opened.srf);
      resolve({ req, res });
    });
  });
  await wanted(opened.srf);
  peer.request('INVITE', { call: 'taken', ...typed });
  await came;
  return { ...opened, peer, came: await came, canceled: () => canceled };
}

describe('a call that came, and is taken back by its caller', () => {
  test.each([
    ['before the application says anything', () => {}],
    ['as it rings', (_req: Untyped, res: Untyped) => res.send(180)],
  ])('%s: 487, the application is told, and accepts in vain', async (when, answer) => {
    const { peer, came, srf, canceled, nothingLeft } = await ring(answer);
    if (when === 'as it rings') await peer.next('SIP/2.0 180');
    peer.request('CANCEL', { call: 'taken' });
    await peer.next('SIP/2.0 487');
    peer.request('ACK', { call: 'taken' });
    await eventually(() => canceled() === 1, 'the application to be told');
    const vain = await srf.createUAS(came.req, came.res, { localSdp: sdp(1) }).catch((error: unknown) => String(error));
    expect(vain).toMatch(/unknown transaction|cancel/i);
    await nothingLeft();
  });

  test('after it was accepted: the CANCEL is 200 and means nothing', async () => {
    let dialog: Promise<Untyped> | undefined;
    const { peer, canceled, nothingLeft } = await ring((req, res, srf) => {
      dialog = srf.createUAS(req, res, { localSdp: sdp(1) });
    });
    const toTag = toTagOf(await peer.next('SIP/2.0 200'));
    peer.request('CANCEL', { call: 'taken' });
    await eventually(() => peer.heard.some((text) => /CSeq: 1 CANCEL/.test(text)), 'the answer to the CANCEL');
    peer.request('ACK', { call: 'taken', toTag });
    const up = await dialog;
    expect(canceled()).toBe(0);
    void up.destroy();
    peer.answer(await peer.next('BYE '), '200 OK');
    await nothingLeft();
  });

  test('a CANCEL of nothing is 481', async () => {
    const { nothingLeft, ...opened } = await one(['UDP']);
    const peer = await opened.peer();
    peer.request('CANCEL', { call: 'nothing' });
    await peer.next('SIP/2.0 481');
    await nothingLeft();
  });
});
