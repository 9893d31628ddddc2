import { describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { requireOrSkip } from '../support/require.ts';
import { type SipAgent, startSipAgent } from '../support/sip-agent.ts';
import { startBaresip } from '../support/sip-baresip.ts';
import { startKamailio } from '../support/sip-kamailio.ts';
import { startPagePhone } from '../support/sip-page-phone.ts';
import { answerInDialog, receive, receiveRequest, request, scenario } from '../support/sip-scenario.ts';
import { startCaller } from '../support/sip-sipp.ts';
import { leavesNoSocket } from '../support/sip-sockets.ts';

leavesNoSocket({ after: 'each' });

const begin = [
  request('INVITE', 1, false, { sdp: true, retransmitMs: 500 }),
  receive(100, true),
  receive(200),
  request('ACK', 1, 'confirmed'),
];

/** REGISTER of ours, with the password that drachtio-srf is given. */
async function register(sip: SipAgent, port: number, password: string): Promise<number> {
  const auth = { username: 'trunk', password };
  const options = {
    method: 'REGISTER',
    auth,
    headers: {
      To: `sip:trunk@127.0.0.1:${port}`,
      From: `sip:trunk@127.0.0.1:${port}`,
      Contact: `<sip:trunk@127.0.0.1:${sip.ports.UDP}>;expires=60`,
    },
  };
  // The types of drachtio-srf know only a form of `request` that its code has no more.
  const send = sip.srf.request.bind(sip.srf) as unknown as (
    uri: string,
    options: object,
  ) => Promise<{ on(event: 'response', heard: (response: { status: number }) => void): void }>;
  const sent = await send(`sip:127.0.0.1:${port}`, options);
  return new Promise((resolve) => sent.on('response', ({ status }) => resolve(status)));
}

describe.skipIf(!(requireOrSkip('kamailio') && requireOrSkip('sipp')))('kamailio', { timeout: 60_000 }, () => {
  test('stays in the way of calls that come in, and of what either side says in them', async () => {
    await using sip = await startSipAgent({
      routes: {
        async invite(req, res) {
          const call = await sip.answer(req, res);
          if (req.uri.includes('ended')) call.on('ack', () => call.destroy());
        },
      },
    });
    await using kamailio = await startKamailio({ to: sip.ports.UDP });
    const theirs = scenario(...begin, request('BYE', 2, 'confirmed', { retransmitMs: 500 }), receive(200));
    await using one = await startCaller(kamailio.port, { scenario: theirs, calls: 10 });
    await one.done();
    const ours = scenario(...begin, receiveRequest('BYE'), answerInDialog(200, 'OK'));
    await using other = await startCaller(kamailio.port, { scenario: ours, calls: 10, args: ['-s', 'ended'] });
    await other.done();
    await sip.settled({ flows: false });
  });

  test('lets us register with our password, and with no other', async () => {
    await using sip = await startSipAgent({ routes: { invite: (req, res) => sip.answer(req, res) } });
    await using kamailio = await startKamailio({ to: 9 });
    expect(await register(sip, kamailio.port, 'wrong')).toBe(401);
    expect(await register(sip, kamailio.port, 'secret')).toBe(200);
    // Now it knows the way to us.
    const steps = scenario(...begin, request('BYE', 2, 'confirmed', { retransmitMs: 500 }), receive(200));
    await using caller = await startCaller(kamailio.port, { scenario: steps, args: ['-s', 'trunk'] });
    await caller.done();
    await sip.settled({ flows: false });
  });

  test.skipIf(!requireOrSkip('baresip'))('passes our calls on to a phone, and its end back to us', async () => {
    await using sip = await startSipAgent();
    await using kamailio = await startKamailio({ to: sip.ports.UDP });
    await using phone = await startBaresip({ to: kamailio.port, answers: true });
    await phone.registered();
    const first = await sip.call(`sip:alice@127.0.0.1:${kamailio.port}`);
    await phone.heard('CALL_ESTABLISHED');
    first.destroy();
    sip.calls.delete(first);
    await phone.heard('CALL_CLOSED');
    await sip.call(`sip:alice@127.0.0.1:${kamailio.port}`);
    await phone.heard('CALL_ESTABLISHED', 2);
    await phone.command('hangup');
    await eventually(() => sip.calls.size === 0, 'the end of the call');
    await sip.settled({ flows: false });
  });

  test('brings calls of a page from its WebSocket to us, and ours to the page', async () => {
    await using sip = await startSipAgent({ routes: { invite: (req, res) => sip.answer(req, res) } });
    await using kamailio = await startKamailio({ to: sip.ports.UDP });
    const server = `ws://127.0.0.1:${kamailio.port}`;
    await using phone = await startPagePhone({ server, user: 'ann', password: 'secret' });
    await phone.register();
    const out = await phone.call('sip:room@127.0.0.1');
    await eventually(() => sip.calls.size === 1, 'the call');
    await out.bye();
    await eventually(() => sip.calls.size === 0, 'the end of the call');
    const accepted = phone.accept();
    const call = await sip.call(`sip:ann@127.0.0.1:${kamailio.port}`);
    const session = await accepted;
    call.destroy();
    sip.calls.delete(call);
    await eventually(() => session.state === 'Terminated', 'the end of the call at the page');
    await sip.settled({ flows: false });
  });
});
