import { describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { requireOrSkip } from '../support/require.ts';
import { sampleSdp } from '../support/sip-agent.ts';
import { startBaresip } from '../support/sip-baresip.ts';
import { startPagePhone } from '../support/sip-page-phone.ts';
import { startSipPlan } from '../support/sip-plan.ts';
import { leavesNoSocket } from '../support/sip-sockets.ts';

leavesNoSocket({ after: 'each' });

const text = `
realm: phones.test
users: [{ identity: ann, login: alice, password: secret, numbers: 100 }]
`;

describe.skipIf(!requireOrSkip('baresip'))('a phone', { timeout: 60_000 }, () => {
  test.each(['udp', 'tcp'] as const)(
    'registers by %s with its password, and is called on the way that it came',
    async (transport) => {
      await using plan = await startSipPlan(text);
      const { sip, clock, agent, refused } = plan;
      const { registrar } = plan.opened;
      const to = plan.portOf(transport === 'udp' ? 'UDP' : 'TCP');
      await using phone = await startBaresip({ to, transport, answers: true });
      await phone.registered();
      const [registration, ...others] = registrar.contactsOf('ann');
      expect([registration?.protocol, others, refused]).toEqual([transport, [], []]);
      // What it asked for, less what has passed since.
      const leftMs = (registration?.untilMs ?? 0) - clock.nowMs();
      expect(leftMs > 50_000 && leftMs <= 60_000).toBe(true);
      const { uri = '', proxy = '', headers } = registration ?? {};
      const call = await sip.place({ uri, proxy, headers: headers ?? {}, sdp: sampleSdp() }).answered;
      await phone.heard('CALL_ESTABLISHED');
      // No connection was made to the phone: it may be behind a router that lets none in.
      if (transport === 'tcp') expect(agent.stats.flows.TCP).toBe(1);
      await call.bye();
      await phone.heard('CALL_CLOSED');
      // It goes without a word.
      process.kill(phone.pid, 'SIGKILL');
      await clock.skip(60_000);
      expect(registrar.contactsOf('ann')).toEqual([]);
    },
  );

  test('with a wrong password, or as nobody, does not register', async () => {
    await using plan = await startSipPlan(text);
    const { refused, portOf } = plan;
    const { registrar } = plan.opened;
    await using phone = await startBaresip({ to: portOf(), password: 'guessed' });
    await using nobody = await startBaresip({ to: portOf(), user: 'nobody' });
    await eventually(() => refused.length >= 2, 'both refusals');
    await eventually(() => [phone, nobody].every(({ log }) => log.includes('403')), 'that both hear of it');
    expect(registrar.stats).toEqual({ phones: 0, users: 0 });
  });

  test('is one of several of a user, which all ring, and takes only itself away', async () => {
    await using plan = await startSipPlan(text, { protocols: ['UDP', 'TCP', 'WS'] });
    const { sip, portOf } = plan;
    const { registrar } = plan.opened;
    await using desk = await startBaresip({ to: portOf(), answers: true });
    await using soft = await startBaresip({ to: portOf('TCP'), transport: 'tcp', answers: true });
    await using page = await startPagePhone({
      server: `ws://127.0.0.1:${portOf('WS')}`,
      user: 'alice',
      password: 'secret',
    });
    await Promise.all([desk.registered(), soft.registered(), page.register()]);
    expect(
      registrar
        .contactsOf('ann')
        .map(({ protocol }) => protocol)
        .sort(),
    ).toEqual(['tcp', 'udp', 'ws']);
    const accepted = page.accept();
    const calls = await Promise.all(
      registrar.contactsOf('ann').map(({ uri, proxy = '' }) => sip.place({ uri, proxy, sdp: sampleSdp() }).answered),
    );
    await Promise.all([desk.heard('CALL_ESTABLISHED'), soft.heard('CALL_ESTABLISHED'), accepted]);
    await Promise.all(calls.map((call) => call.bye()));
    await page.unregister();
    await eventually(() => registrar.contactsOf('ann').length === 2, 'the page is gone');
    await soft.command('quit');
    await eventually(() => registrar.contactsOf('ann').length === 1, 'the other phone is gone');
    expect(registrar.contactsOf('ann')[0]?.protocol).toBe('udp');
  });

  test('calls with its password, and is known as its user', async () => {
    const told: unknown[] = [];
    await using plan = await startSipPlan(text, {
      call: (call) => {
        const { uri, headers, sdp: body, source } = call;
        const { callers, plan: rules } = plan.opened;
        void callers.identify({ method: 'INVITE', uri, headers, body, source }).then((who) => {
          if (who.request === undefined) return call.reject(who.status, { headers: who.headers });
          told.push(rules.decide(who.request).to, who.request.from);
          return call.reject(486);
        });
      },
    });
    await using phone = await startBaresip({ to: plan.portOf() });
    await phone.registered();
    await phone.command('dial', `sip:100@127.0.0.1:${plan.portOf()}`);
    await phone.heard('CALL_CLOSED');
    expect(told).toEqual([
      { kind: 'user', identity: 'ann', ringSeconds: 45 },
      { kind: 'user', identity: 'ann' },
    ]);
  });
});
