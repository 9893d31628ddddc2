import { describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { createRandom, testSeed } from '../support/random.ts';
import { requireOrSkip } from '../support/require.ts';
import { startSipAgent } from '../support/sip-agent.ts';
import { loseFirst, type Passing, startSipRelay, unsteady } from '../support/sip-relay.ts';
import {
  answer,
  answerInDialog,
  receive,
  receiveRequest,
  request,
  scenario,
  wholeCall,
} from '../support/sip-scenario.ts';
import { startCallee, startCaller } from '../support/sip-sipp.ts';
import { leavesNoSocket } from '../support/sip-sockets.ts';

leavesNoSocket({ after: 'all' });

const seed = testSeed();

const is = (start: string, method: string, inwards: boolean) => (passing: Passing) =>
  passing.inwards === inwards &&
  passing.text.startsWith(start) &&
  new RegExp(`^CSeq: \\d+ ${method}\\r`, 'm').test(passing.text);

describe.skipIf(!requireOrSkip('sipp'))('a way that loses', { timeout: 60_000, concurrent: true }, () => {
  test.each([
    ['the INVITE', is('INVITE', 'INVITE', true)],
    ['the 100', is('SIP/2.0 100', 'INVITE', false)],
    ['the 180', is('SIP/2.0 180', 'INVITE', false)],
    ['the 200 of the INVITE', is('SIP/2.0 200', 'INVITE', false)],
    ['the ACK', is('ACK', 'ACK', true)],
    ['the BYE', is('BYE', 'BYE', true)],
    ['the answer to the BYE', is('SIP/2.0 200', 'BYE', false)],
  ] as const)('%s once or twice has the call nevertheless', async (what, fits) => {
    const rings = what === 'the 180';
    await using sip = await startSipAgent({
      routes: {
        invite(req, res) {
          if (rings) res.send(180);
          return sip.answer(req, res);
        },
      },
    });
    // The 2xx, which asks for the ACK again, comes after 0.5 and 1.5 s.
    const lastsMs = what === 'the ACK' ? 2_500 : 0;
    // What is not repeated is lost but once.
    for (const times of what === 'the 100' || rings ? [1] : [1, 2]) {
      await using relay = await startSipRelay({ to: sip.ports.UDP, fate: loseFirst(times, fits) });
      await using caller = await startCaller(relay.port, { scenario: wholeCall(lastsMs) });
      await caller.done();
      expect(relay.lost).toBe(times);
    }
    await sip.settled();
  });

  test.each([
    ['our BYE', is('BYE', 'BYE', false)],
    ['the answer to our BYE', is('SIP/2.0 200', 'BYE', true)],
  ] as const)('%s once has the call end nevertheless', async (_what, fits) => {
    await using sip = await startSipAgent({
      routes: {
        async invite(req, res) {
          const call = await sip.answer(req, res);
          call.on('ack', () => call.destroy());
        },
      },
    });
    await using relay = await startSipRelay({ to: sip.ports.UDP, fate: loseFirst(1, fits) });
    const steps = [request('INVITE', 1, false, { sdp: true, retransmitMs: 500 }), receive(100, true), receive(200)];
    const end = [request('ACK', 1, 'confirmed'), receiveRequest('BYE'), answerInDialog(200, 'OK')];
    // It stays for the BYE that comes again.
    const stays = '<timewait milliseconds="1500"/>';
    await using caller = await startCaller(relay.port, { scenario: scenario(...steps, ...end, stays) });
    await caller.done();
    await sip.settled();
    expect(relay.lost).toBe(1);
  });

  test('every ACK has the call ended by the agent, and the application told why', async () => {
    const reasons: string[] = [];
    await using sip = await startSipAgent({
      routes: {
        async invite(req, res) {
          const call = await sip.answer(req, res);
          call.on('destroy', (...about: unknown[]) => reasons.push(String(about[1])));
        },
      },
    });
    await using relay = await startSipRelay({ to: sip.ports.UDP, fate: loseFirst(1_000, is('ACK', 'ACK', true)) });
    const begin = [request('INVITE', 1, false, { sdp: true, retransmitMs: 500 }), receive(100, true), receive(200)];
    const end = [request('ACK', 1, 'confirmed'), receiveRequest('BYE'), answerInDialog(200, 'OK')];
    await using caller = await startCaller(relay.port, { scenario: scenario(...begin, ...end) });
    await eventually(() => relay.lost > 0, 'an ACK that gets lost', 20_000);
    await sip.clock.skip(33_000);
    await caller.done();
    await eventually(() => reasons.length > 0, 'the end of the call');
    expect(reasons).toEqual(['ACK timeout']);
    await sip.settled();
  });

  test('a tenth of all datagrams and lets others overtake has every call that comes in', async () => {
    await using sip = await startSipAgent({ routes: { invite: (req, res) => sip.answer(req, res) } });
    await using relay = await startSipRelay({ to: sip.ports.UDP, fate: unsteady(createRandom(seed)) });
    // What was overtaken comes when sipp waits for something else.
    const args = ['-default_behaviors', 'all,-abortunexp'];
    await using caller = await startCaller(relay.port, { scenario: wholeCall(100), calls: 100, rate: 40, args });
    await caller.done();
    expect(relay.lost).toBeGreaterThan(10);
    await sip.settled();
  });

  test('a tenth of all datagrams and lets others overtake has every call that goes out', async () => {
    // Its Contact is the relay, so that ACK and BYE pass it too.
    const steps = [receiveRequest('INVITE'), answer(200, 'OK', { sdp: true, retransmitMs: 500 })];
    const end = [receiveRequest('ACK', true), receiveRequest('BYE'), answerInDialog(200, 'OK')];
    const stays = '<timewait milliseconds="30000"/>';
    const text = scenario(...steps, ...end, stays).replaceAll(
      '<sip:[local_ip]:[local_port]',
      '<sip:[local_ip]:[relay]',
    );
    let to = 0;
    const fate = unsteady(createRandom(seed + 1));
    await using relay = await startSipRelay({ to: () => to, fate });
    const args = ['-key', 'relay', String(relay.port), '-default_behaviors', 'all,-abortunexp'];
    await using callee = await startCallee({ scenario: text, calls: 40, args });
    to = callee.port;
    await using sip = await startSipAgent();
    const calls = await Promise.all(Array.from({ length: 40 }, () => sip.call(`sip:callee@127.0.0.1:${relay.port}`)));
    for (const call of calls) call.destroy();
    await sip.settled();
    expect(relay.lost).toBeGreaterThan(4);
  });
});
