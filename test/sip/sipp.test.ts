import type Srf from 'drachtio-srf';
import { describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { requireOrSkip } from '../support/require.ts';
import { sampleSdp, startSipAgent } from '../support/sip-agent.ts';
import {
  answer,
  answerInDialog,
  pause,
  receive,
  receiveRequest,
  receiveWith,
  request,
  scenario,
} from '../support/sip-scenario.ts';
import { startCallee, startCaller } from '../support/sip-sipp.ts';
import { leavesNoSocket } from '../support/sip-sockets.ts';

leavesNoSocket({ after: 'all' });

const invited = [request('INVITE', 1, false, { sdp: true, retransmitMs: 500 }), receive(100, true)];
const accepted = [receive(200), request('ACK', 1, 'confirmed')];
const hangUp = (cseq: number) => [request('BYE', cseq, 'confirmed', { retransmitMs: 500 }), receive(200)];
const hungUp = [receiveRequest('BYE'), answerInDialog(200, 'OK')];

/** Somebody who picks up. */
const pickUp = [receiveRequest('INVITE'), answer(180, 'Ringing'), answer(200, 'OK', { sdp: true, retransmitMs: 500 })];

describe.skipIf(!requireOrSkip('sipp'))('sipp', { timeout: 60_000, concurrent: true }, () => {
  describe.each(['udp', 'tcp'] as const)('over %s', (transport) => {
    const protocol = transport === 'udp' ? 'UDP' : 'TCP';
    const at = (port: number) => `sip:callee@127.0.0.1:${port};transport=${transport}`;

    test('calls in, is answered and hangs up', async () => {
      await using sip = await startSipAgent({ routes: { invite: (req, res) => sip.answer(req, res) } });
      await using caller = await startCaller(sip.ports[protocol], { scenario: 'uac', transport, calls: 20, rate: 20 });
      await caller.done();
      await sip.settled();
      expect(sip.calls.size).toBe(0);
      expect(sip.agent.stats.messages.get('in BYE')).toBeGreaterThanOrEqual(20);
    });

    test('calls in and is hung up on', async () => {
      await using sip = await startSipAgent({
        routes: {
          async invite(req, res) {
            const call = await sip.answer(req, res);
            call.on('ack', () => call.destroy());
          },
        },
      });
      const steps = scenario(...invited, ...accepted, ...hungUp);
      await using caller = await startCaller(sip.ports[protocol], { scenario: steps, transport, calls: 5 });
      await caller.done();
      await sip.settled();
    });

    test('takes calls of the application, which hangs up', async () => {
      await using callee = await startCallee({
        scenario: scenario(...pickUp, receiveRequest('ACK'), ...hungUp),
        transport,
        calls: 3,
      });
      await using sip = await startSipAgent();
      for (let left = 3; left > 0; left--) {
        const call = await sip.call(at(callee.port));
        expect(call.remote.sdp).toContain('m=audio');
        call.destroy();
        sip.calls.delete(call);
      }
      await callee.done();
      await sip.settled({ flows: transport === 'udp' });
    });

    test('is called and calls through the application, each side in a call of its own', async () => {
      const steps = scenario(...pickUp, receiveRequest('ACK'), receiveRequest('BYE'), answerInDialog(200, 'OK'));
      await using callee = await startCallee({ scenario: steps, transport, calls: 20 });
      await using sip = await startSipAgent({
        routes: { invite: (req, res) => sip.connect(req, res, at(callee.port)) },
      });
      await using caller = await startCaller(sip.ports[protocol], { scenario: 'uac', transport, calls: 20, rate: 20 });
      await caller.done();
      await callee.done();
      await sip.settled({ flows: transport === 'udp' });
    });

    test('takes its call back while it rings', async () => {
      const canceled: string[] = [];
      await using sip = await startSipAgent({
        routes: {
          invite(req, res) {
            req.on('cancel', () => canceled.push(req.callId));
            res.send(180);
          },
        },
      });
      const branch = 'z9hG4bK-[pid]-[call_number]-invite';
      const steps = scenario(
        request('INVITE', 1, false, { sdp: true, branch }),
        receive(100, true),
        receive(180),
        request('CANCEL', 1, false, { branch, retransmitMs: 500 }),
        receive(200),
        receive(487),
        request('ACK', 1, 'early', { branch }),
      );
      await using caller = await startCaller(sip.ports[protocol], { scenario: steps, transport, calls: 5 });
      await caller.done();
      await sip.settled();
      expect(canceled).toHaveLength(5);
    });

    test('is asked back by the application while it rings', async () => {
      const steps = scenario(
        receiveRequest('INVITE'),
        answer(180, 'Ringing'),
        receiveRequest('CANCEL'),
        answerInDialog(200, 'OK'),
        // The CSeq of what was canceled, not of the CANCEL.
        answer(487, 'Request Terminated')
          .replace('[last_CSeq:]', 'CSeq: [cseq] INVITE')
          .replace('[last_To:];tag', '[last_To:];tag'),
        receiveRequest('ACK'),
      );
      await using callee = await startCallee({ scenario: steps, transport });
      await using sip = await startSipAgent();
      let sent: Srf.SrfRequest | undefined;
      const made = sip.srf.createUAC(
        at(callee.port),
        { localSdp: sampleSdp() },
        {
          cbRequest: (...about: unknown[]) => (sent = about.at(-1) as Srf.SrfRequest),
          cbProvisional: () => sent?.cancel(() => {}),
        },
      );
      await expect(made).rejects.toMatchObject({ status: 487 });
      await callee.done();
      await sip.settled({ flows: transport === 'udp' });
    });
  });

  test('acknowledges a provisional answer that must not get lost', async () => {
    await using sip = await startSipAgent({
      routes: {
        invite(req, res) {
          const prack = () => void sip.answer(req, res);
          const early = { headers: { Require: '100rel', 'Content-Type': 'application/sdp' }, body: sampleSdp() };
          // The type of `send` leaves out who hears of the PRACK.
          (res.send as (...args: unknown[]) => void)(183, early, () => {}, prack);
        },
      },
    });
    const steps = scenario(
      request('INVITE', 1, false, { sdp: true, retransmitMs: 500, fields: ['Supported: 100rel'] }),
      receive(100, true),
      receiveWith(183, 'RSeq', 'rseq'),
      request('PRACK', 2, 'confirmed', { retransmitMs: 500, fields: ['RAck: [$rseq] 1 INVITE'] }),
      receive(200),
      ...accepted,
      ...hangUp(3),
    );
    await using caller = await startCaller(sip.ports.UDP, { scenario: steps, calls: 5 });
    await caller.done();
    await sip.settled();
  });

  test('has its own provisional answers acknowledged', async () => {
    const steps = scenario(
      receiveRequest('INVITE'),
      answer(183, 'Session Progress', { sdp: true, retransmitMs: 500, fields: ['Require: 100rel', 'RSeq: 7'] }),
      receiveRequest('PRACK'),
      answerInDialog(200, 'OK'),
      answer(200, 'OK', { sdp: true, retransmitMs: 500 })
        .replace('[last_CSeq:]', 'CSeq: [$invite] INVITE')
        .replace('[last_To:];tag=[pid]U[call_number]', '[last_To:]')
        .replace('[last_Via:]', '[$via]'),
      receiveRequest('ACK'),
      ...hungUp,
    );
    const keeps = steps.replace(
      '<recv request="INVITE" rrs="true" timeout="20000"/>',
      '<recv request="INVITE" rrs="true" timeout="20000"><action><ereg regexp="[0-9]+" search_in="hdr" header="CSeq:" assign_to="invite"/><ereg regexp="Via:[^[:cntrl:]]*" search_in="msg" assign_to="via"/></action></recv>',
    );
    await using callee = await startCallee({ scenario: keeps });
    await using sip = await startSipAgent();
    const call = await sip.call(`sip:callee@127.0.0.1:${callee.port}`, { headers: { Supported: '100rel' } });
    call.destroy();
    await callee.done();
    await sip.settled();
  });

  test('holds and takes back, which the application answers', async () => {
    const directions: string[] = [];
    await using sip = await startSipAgent({
      routes: {
        async invite(req, res) {
          const call = await sip.answer(req, res);
          call.on('modify', (again, answerAgain) => {
            const direction = /a=(sendonly|sendrecv)/.exec(again.body)?.[1] ?? '';
            directions.push(direction);
            answerAgain.send(200, { body: sampleSdp(7_002, direction === 'sendonly' ? 'recvonly' : 'sendrecv') });
          });
        },
      },
    });
    const again = (cseq: number, direction: string) => [
      request('INVITE', cseq, 'confirmed', { sdp: true, direction, retransmitMs: 500 }),
      receive(100, true),
      receive(200),
      request('ACK', cseq, 'confirmed'),
    ];
    const steps = scenario(
      ...invited,
      ...accepted,
      // The application listens for offers once it has the ACK, which comes to it a little after the agent.
      pause(1_000),
      ...again(2, 'sendonly'),
      ...again(3, 'sendrecv'),
      ...hangUp(4),
    );
    await using caller = await startCaller(sip.ports.UDP, { scenario: steps });
    await caller.done();
    await sip.settled();
    expect(directions).toEqual(['sendonly', 'sendrecv']);
  });

  test('is put on hold by the application', async () => {
    const again = [
      receiveRequest('INVITE'),
      answerInDialog(200, 'OK', { sdp: true, retransmitMs: 500 }),
      receiveRequest('ACK'),
    ];
    await using callee = await startCallee({
      scenario: scenario(...pickUp, receiveRequest('ACK'), ...again, ...hungUp),
    });
    await using sip = await startSipAgent();
    const call = await sip.call(`sip:callee@127.0.0.1:${callee.port}`);
    await call.modify(sampleSdp(7_002, 'sendonly'));
    call.destroy();
    await callee.done();
    await sip.settled();
  });

  test('is refused as the application says', async () => {
    await using sip = await startSipAgent({ routes: { invite: (_req, res) => res.send(486) } });
    const branch = 'z9hG4bK-[pid]-[call_number]-invite';
    const steps = scenario(
      request('INVITE', 1, false, { sdp: true, branch }),
      receive(100, true),
      receive(486),
      request('ACK', 1, 'early', { branch }),
    );
    await using caller = await startCaller(sip.ports.UDP, { scenario: steps, calls: 5 });
    await caller.done();
    await sip.settled();
  });

  test('refuses, and the application hears why', async () => {
    const steps = scenario(
      receiveRequest('INVITE'),
      answer(486, 'Busy Here', { retransmitMs: 500 }),
      receiveRequest('ACK'),
    );
    await using callee = await startCallee({ scenario: steps });
    await using sip = await startSipAgent();
    await expect(sip.call(`sip:callee@127.0.0.1:${callee.port}`)).rejects.toMatchObject({ status: 486 });
    await callee.done();
    await sip.settled();
  });

  test('that is not there is told as the RFC says: 503 when refused, 408 after 32 s of silence', async () => {
    await using sip = await startSipAgent();
    await expect(sip.call('sip:nobody@127.0.0.1:9;transport=tcp')).rejects.toMatchObject({ status: 503 });
    await using silent = await startCallee({ scenario: scenario(receiveRequest('INVITE'), pause(60_000)) });
    const call = sip.call(`sip:nobody@127.0.0.1:${silent.port}`);
    const refused = expect(call).rejects.toMatchObject({ status: 408 });
    await eventually(() => sip.agent.stats.messages.get('out INVITE'), 'the INVITE');
    await sip.clock.skip(33_000);
    await refused;
    await sip.settled();
  });

  test('calls for some seconds, many at once, and nothing is left', async () => {
    await using sip = await startSipAgent({ routes: { invite: (req, res) => sip.answer(req, res) } });
    const options = { scenario: 'uac', calls: 240, rate: 80, args: ['-d', '300'] };
    await using caller = await startCaller(sip.ports.UDP, options);
    await caller.done();
    await sip.settled();
    expect(sip.agent.stats.transactions.refused).toBe(0);
  });
});
