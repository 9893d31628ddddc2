import { describe, expect, test } from 'vitest';
import type { DialRequest } from '../../sip/dial-plan/decision.ts';
import { eventually } from '../support/eventually.ts';
import { requireOrSkip } from '../support/require.ts';
import { sampleSdp } from '../support/sip-agent.ts';
import { startBaresip } from '../support/sip-baresip.ts';
import { startKamailio } from '../support/sip-kamailio.ts';
import { startSipPlan } from '../support/sip-plan.ts';
import { findSipPort } from '../support/sip-port.ts';
import { answer, pause, receive, receiveRequest, request, scenario } from '../support/sip-scenario.ts';
import { startCallee, startCaller } from '../support/sip-sipp.ts';
import { leavesNoSocket } from '../support/sip-sockets.ts';

leavesNoSocket({ after: 'each' });

/** A call that is refused, as it should be. */
const refusedCall = (status: number) =>
  scenario(
    request('INVITE', 1, false, { sdp: true, retransmitMs: 500 }),
    receive(100, true),
    receive(status),
    request('ACK', 1, 'early'),
  );

describe.skipIf(!requireOrSkip('kamailio') || !requireOrSkip('sipp'))('a provider', { timeout: 60_000 }, () => {
  const trunk = (port: number, password = 'secret') => `
trunks:
  - name: provider
    inbound: { addresses: 127.0.0.1 }
    register: { registrar: 'sip:127.0.0.1:${port}', user: parley, password: ${password}, seconds: 120 }
`;

  test('knows where this server is, is told so again in time, and brings calls', async () => {
    await using kamailio = await startKamailio({ to: 9 });
    const asked: DialRequest[] = [];
    await using plan = await startSipPlan(trunk(kamailio.port), {
      call: (call) => {
        const { uri, headers, sdp: body, source } = call;
        void plan.opened.callers.identify({ method: 'INVITE', uri, headers, body, source }).then((who) => {
          if (who.request !== undefined) asked.push(who.request);
          return call.reject(486);
        });
      },
    });
    const { sip, clock, agent } = plan;
    const { trunks } = plan.opened;
    plan.opened.start(sip);
    const state = () => trunks.states[0]?.registration;
    await eventually(() => state()?.kind === 'registered', 'the registration');
    // It grants what it likes: the next one comes before that is over.
    const sent = () => agent.stats.messages.get('out REGISTER') ?? 0;
    const before = sent();
    await clock.skip((state()?.nextMs ?? 0) - clock.nowMs());
    await eventually(() => sent() > before, 'another REGISTER');
    await eventually(() => (state()?.nextMs ?? 0) > clock.nowMs(), 'its answer');
    await using caller = await startCaller(kamailio.port, { scenario: refusedCall(486), args: ['-s', 'parley'] });
    await caller.done();
    expect(asked.map(({ from, called }) => [from, called])).toEqual([[{ kind: 'trunk', trunk: 'provider' }, 'parley']]);
    await plan.opened.close();
    // It was told of the end: nobody is called any more.
    await using later = await startCaller(kamailio.port, {
      scenario: scenario(request('OPTIONS', 1, false), pause(1)),
      args: ['-s', 'parley'],
    });
    await later.done();
    expect(asked).toHaveLength(1);
  });

  test('that refuses the password is not asked over and over', async () => {
    await using kamailio = await startKamailio({ to: 9 });
    await using plan = await startSipPlan(trunk(kamailio.port, 'wrong'));
    const { clock } = plan;
    const { trunks } = plan.opened;
    plan.opened.start(plan.sip);
    await eventually(() => trunks.states[0]?.registration?.kind === 'failed', 'the refusal');
    const { because = '', nextMs = 0 } = trunks.states[0]?.registration ?? {};
    expect(because).toContain('401');
    expect(nextMs - clock.nowMs()).toBeGreaterThan(100_000);
  });
});

describe.skipIf(!requireOrSkip('sipp') || !requireOrSkip('baresip'))('targets', { timeout: 60_000 }, () => {
  test('are tried one after the other: one that says 503, one that is there', async () => {
    const busy = scenario(receiveRequest('INVITE'), answer(503, 'Service Unavailable'), receiveRequest('ACK'));
    await using full = await startCallee({ scenario: busy });
    await using phone = await startBaresip({ to: 9, registers: false, answers: true });
    await using plan = await startSipPlan(`
trunks:
  - name: provider
    outbound:
      targets: ['sip:127.0.0.1:${full.port}', 'sip:127.0.0.1:${phone.port}']
      probeSeconds: 0
rules: [{ name: alice, number: alice }]
`);
    const { sip } = plan;
    const { trunks } = plan.opened;
    const tried: number[] = [];
    const dial = async () => {
      for (const route of trunks.choose({ number: 'alice' }).routes) {
        const call = trunks.begin(route, () => {});
        const { uri, headers, proxy } = route;
        try {
          const placed = await sip.place({ uri, headers, proxy, sdp: sampleSdp() }).answered;
          call?.answered();
          return { placed, call };
        } catch (error) {
          const { status } = error as { status: number };
          tried.push(status);
          call?.failed(status);
        }
      }
      return undefined;
    };
    const first = await dial();
    await phone.heard('CALL_ESTABLISHED');
    expect([tried, trunks.states[0]?.calls, trunks.states[0]?.minutes]).toEqual([[503], 1, 1]);
    await first?.placed.bye();
    first?.call?.ended();
    // The next call does not ask it again.
    const second = await dial();
    await second?.placed.bye();
    second?.call?.ended();
    expect([tried, trunks.states[0]?.calls]).toEqual([[503], 0]);
    await full.done();
  });

  test('that do not answer OPTIONS come last, until they do', async () => {
    const port = await findSipPort(3);
    await using phone = await startBaresip({ to: 9, registers: false });
    await using plan = await startSipPlan(`
trunks: [{ name: provider, outbound: { targets: ['sip:127.0.0.1:${port}', 'sip:127.0.0.1:${phone.port}'], probeSeconds: 30 } }]
`);
    const { trunks } = plan.opened;
    plan.opened.start(plan.sip);
    const dead = () => trunks.states[0]?.targets.map((target) => target.dead);
    await eventually(async () => {
      await plan.clock.skip(1_000);
      return dead()?.[0] === true;
    }, 'that nobody answers is seen');
    expect(dead()).toEqual([true, false]);
    expect(trunks.choose({ number: '+4930123456' }).routes.map(({ proxy }) => proxy)).toEqual([
      `sip:127.0.0.1:${phone.port}`,
      `sip:127.0.0.1:${port}`,
    ]);
  });
});
