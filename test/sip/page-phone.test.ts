import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { requireOrSkip } from '../support/require.ts';
import { startSipAgent } from '../support/sip-agent.ts';
import { testCertificate } from '../support/sip-certificate.ts';
import { startPagePhone } from '../support/sip-page-phone.ts';
import { createRegistrar, type Registrar } from '../support/sip-registrar.ts';
import { leavesNoSocket } from '../support/sip-sockets.ts';

leavesNoSocket({ after: 'each' });

test.each<'WS' | 'WSS'>(requireOrSkip('openssl') ? ['WS', 'WSS'] : ['WS'])(
  'sip.js registers over %s, calls, is called over the connection that it has, and hangs up',
  {
    timeout: 60_000,
  },
  async (protocol) => {
    const tls = protocol === 'WSS' ? { tls: testCertificate() } : {};
    let registrar: Registrar | undefined;
    await using sip = await startSipAgent({
      protocols: [protocol, 'UDP'],
      ...tls,
      routes: {
        register: (req, res) => registrar?.register(req, res),
        invite: (req, res) => sip.answer(req, res),
      },
    });
    registrar = createRegistrar(sip.clock, { ann: 'secret' });
    const server = `${protocol.toLowerCase()}://127.0.0.1:${sip.ports[protocol]}`;
    await using phone = await startPagePhone({
      server,
      user: 'ann',
      password: 'secret',
      ...(tls.tls && { ca: tls.tls.cert }),
    });
    await phone.register();
    expect(registrar.challenges).toBe(1);

    const out = await phone.call('sip:room@127.0.0.1');
    await eventually(() => sip.calls.size === 1, 'the call');
    await out.bye();
    await eventually(() => sip.calls.size === 0, 'the end of the call');

    await phone.call('sip:room@127.0.0.1');
    await eventually(() => sip.calls.size === 1, 'the second call');
    await eventually(() => sip.agent.stats.messages.get('in ACK') === 2, 'its ACK');
    for (const call of sip.calls) call.destroy();
    sip.calls.clear();
    await eventually(() => sip.agent.stats.calls === 0, 'the end of the second call');

    // Its address is a name that no one can look up (RFC 7118): the connection is the only way.
    const contact = registrar.contacts.get('ann') ?? '';
    expect(contact).toMatch(/\.invalid;transport=ws/i);
    const accepted = phone.accept();
    await sip.call(contact, { proxy: registrar.ways.get('ann') ?? '' });
    const session = await accepted;
    await session.bye();
    await eventually(() => sip.calls.size === 0, 'the end of the third call');
    await phone.unregister();
    expect(registrar.contacts.size).toBe(0);
    await phone[Symbol.asyncDispose]();
    await sip.settled();
  },
);

test('sip.js with another password is not let in', async () => {
  let registrar: Registrar | undefined;
  await using sip = await startSipAgent({
    protocols: ['WS'],
    routes: { register: (req, res) => registrar?.register(req, res) },
  });
  registrar = createRegistrar(sip.clock, { ann: 'another' });
  const server = `ws://127.0.0.1:${sip.ports.WS}`;
  await using phone = await startPagePhone({ server, user: 'ann', password: 'secret' });
  void phone.register().catch(() => {});
  await eventually(() => sip.agent.stats.messages.get('in REGISTER') === 2, 'both attempts');
  expect(registrar.contacts.size).toBe(0);
  await phone[Symbol.asyncDispose]();
  await sip.settled();
});
