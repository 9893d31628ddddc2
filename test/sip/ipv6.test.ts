import { describe, expect, test } from 'vitest';
import { requireOrSkip } from '../support/require.ts';
import { sampleSdp, startSipAgent } from '../support/sip-agent.ts';
import { answer, answerInDialog, receive, receiveRequest, request, scenario } from '../support/sip-scenario.ts';
import { startCallee, startCaller } from '../support/sip-sipp.ts';
import { leavesNoSocket } from '../support/sip-sockets.ts';

leavesNoSocket({ after: 'each' });

const address = '::1';
const sdp = sampleSdp().replaceAll('IP4 127.0.0.1', 'IP6 ::1');

/** Somebody who picks up. */
const pickUp = [
  receiveRequest('INVITE'),
  answer(180, 'Ringing'),
  answer(200, 'OK', { sdp: true, retransmitMs: 500 }),
  receiveRequest('ACK'),
];

const possible = requireOrSkip('sipp') && requireOrSkip('ipv6');

describe.skipIf(!possible)('sipp over IPv6', { timeout: 60_000 }, () => {
  describe.each(['udp', 'tcp'] as const)('over %s', (transport) => {
    const protocol = transport === 'udp' ? 'UDP' : 'TCP';

    test('calls in, is told addresses that lead back, and hangs up', async () => {
      const heard: { readonly from: string; readonly via: string; readonly contact: string }[] = [];
      await using sip = await startSipAgent({
        address,
        routes: {
          async invite(req, res) {
            const call = await sip.answer(req, res, sdp);
            const [via, contact] = [req.get('Via'), call.local.uri];
            heard.push({ from: req.source_address, via, contact });
          },
        },
      });
      const steps = scenario(
        request('INVITE', 1, false, { sdp: true, retransmitMs: 500 }),
        receive(100, true),
        receive(200),
        request('ACK', 1, 'confirmed'),
        request('BYE', 2, 'confirmed', { retransmitMs: 500 }),
        receive(200),
      );
      await using caller = await startCaller(sip.ports[protocol], { scenario: steps, transport, address, calls: 5 });
      await caller.done();
      await sip.settled();
      expect(heard).toHaveLength(5);
      for (const { from, via, contact } of heard) {
        expect(from).toBe('::1');
        expect(via).toContain(`${protocol} [::1]:${caller.port}`);
        expect(contact).toContain(`[::1]:${sip.ports[protocol]}`);
      }
    });

    test('is called by the application, which hangs up', async () => {
      const steps = scenario(...pickUp, receiveRequest('BYE'), answerInDialog(200, 'OK'));
      await using callee = await startCallee({ scenario: steps, transport, address });
      await using sip = await startSipAgent({ address });
      const call = await sip.call(`sip:callee@[::1]:${callee.port};transport=${transport}`, { localSdp: sdp });
      expect(call.remote.sdp).toContain('m=audio');
      expect(sip.agent.stats.keptFlows).toBe(transport === 'tcp' ? 1 : 0);
      call.destroy();
      sip.calls.delete(call);
      await callee.done();
      await sip.settled({ flows: transport === 'udp' });
      expect(sip.agent.stats.keptFlows).toBe(0);
    });

    test('is called through the application by somebody of IPv6', async () => {
      const steps = scenario(...pickUp, receiveRequest('BYE'), answerInDialog(200, 'OK'));
      await using callee = await startCallee({ scenario: steps, transport, address, calls: 5 });
      await using sip = await startSipAgent({
        address,
        routes: {
          invite: (req, res) => sip.connect(req, res, `sip:callee@[::1]:${callee.port};transport=${transport}`),
        },
      });
      await using caller = await startCaller(sip.ports[protocol], { scenario: 'uac', transport, address, calls: 5 });
      await caller.done();
      await callee.done();
      await sip.settled({ flows: transport === 'udp' });
    });
  });
});
