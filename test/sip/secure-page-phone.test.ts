import { describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { requireOrSkip } from '../support/require.ts';
import { startSipAgent } from '../support/sip-agent.ts';
import { testCertificate } from '../support/sip-certificate.ts';
import { startPagePhone } from '../support/sip-page-phone.ts';
import { createRegistrar, type Registrar } from '../support/sip-registrar.ts';

describe.runIf(requireOrSkip('openssl'))('over WSS', () => {
  test('sip.js registers, calls, is called over the connection that it has, and hangs up', {
    timeout: 60_000,
  }, async () => {
    const tls = testCertificate();
    let registrar: Registrar | undefined;
    await using sip = await startSipAgent({
      protocols: ['WSS', 'UDP'],
      tls,
      routes: {
        register: (req, res) => registrar?.register(req, res),
        invite: (req, res) => sip.answer(req, res),
      },
    });
    registrar = createRegistrar(sip.clock, { ann: 'secret' });
    const server = `wss://127.0.0.1:${sip.ports.WSS}`;
    await using phone = await startPagePhone({ server, user: 'ann', password: 'secret', ca: tls.cert });
    await phone.register();
    expect(sip.agent.stats.flows).toMatchObject({ WSS: 1 });

    const out = await phone.call('sip:room@127.0.0.1');
    await eventually(() => sip.calls.size === 1, 'the call');
    await eventually(() => sip.agent.stats.messages.get('in ACK') === 1, 'its ACK');
    await out.bye();
    await eventually(() => sip.calls.size === 0, 'the end of the call');

    const accepted = phone.accept();
    await sip.call(registrar.contacts.get('ann') ?? '', { proxy: registrar.ways.get('ann') ?? '' });
    const session = await accepted;
    await session.bye();
    await eventually(() => sip.calls.size === 0, 'the end of the second call');
    expect(sip.agent.stats.flows).toMatchObject({ WSS: 1 });
    await phone.unregister();
    expect(registrar.contacts.size).toBe(0);
    await phone[Symbol.asyncDispose]();
    await sip.settled();
  });

  test('a phone that does not trust the certificate does not connect, and nothing is left of it', async () => {
    await using sip = await startSipAgent({ protocols: ['WSS'], tls: testCertificate() });
    const server = `wss://127.0.0.1:${sip.ports.WSS}`;
    await expect(startPagePhone({ server, user: 'ann', password: 'secret' })).rejects.toThrow();
    await eventually(() => (sip.agent.stats.flows.WSS ?? 0) === 0, 'no connection');
    await sip.settled();
  });
});
