import type Srf from 'drachtio-srf';
import { describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { requireOrSkip } from '../support/require.ts';
import { type SipAgent, sampleSdp, startSipAgent } from '../support/sip-agent.ts';
import { type Baresip, startBaresip } from '../support/sip-baresip.ts';
import { testCertificate } from '../support/sip-certificate.ts';
import { createRegistrar, type Registrar } from '../support/sip-registrar.ts';
import { leavesNoSocket } from '../support/sip-sockets.ts';

leavesNoSocket({ after: 'each' });

const here = requireOrSkip('baresip') && requireOrSkip('openssl');

describe.skipIf(!here)('baresip', { timeout: 60_000 }, () => {
  describe.each(['udp', 'tcp', 'tls'] as const)('over %s', (transport) => {
    test('registers with its password, calls, is called, holds and hangs up', async () => {
      const calls: Srf.Dialog[] = [];
      const directions: string[] = [];
      let registrar: Registrar | undefined;
      await using sip = await startSipAgent({
        protocols: ['UDP', 'TCP', 'TLS'],
        // Towards the phone, which has none that anybody vouches for, a call takes the connection that the phone opened.
        tls: { ...testCertificate(), ca: testCertificate().cert },
        routes: {
          register: (req, res) => registrar?.register(req, res),
          async invite(req, res) {
            const call = await sip.answer(req, res);
            calls.push(call);
            call.on('modify', (again, answer) => {
              const direction = /a=(sendonly|sendrecv|recvonly|inactive)/.exec(again.body)?.[1] ?? '';
              directions.push(direction);
              answer.send(200, { body: sampleSdp(7_002, direction === 'sendonly' ? 'recvonly' : 'sendrecv') });
            });
          },
        },
      });
      registrar = createRegistrar(sip.clock, { alice: 'secret' });
      const to = sip.ports[transport === 'udp' ? 'UDP' : transport === 'tcp' ? 'TCP' : 'TLS'];
      await using phone = await startBaresip({ to, transport, answers: true });

      await phone.registered();
      expect(registrar.challenges).toBe(1);
      expect([...registrar.contacts.keys()]).toEqual(['alice']);

      await callsIn(phone, sip, to, calls, directions);
      await isCalled(phone, sip, registrar.contacts.get('alice') ?? '');
      await phone[Symbol.asyncDispose]();
      await sip.settled();
    });
  });

  test('with another password is not let in', async () => {
    let registrar: Registrar | undefined;
    await using sip = await startSipAgent({ routes: { register: (req, res) => registrar?.register(req, res) } });
    registrar = createRegistrar(sip.clock, { alice: 'another' });
    await using phone = await startBaresip({ to: sip.ports.UDP });
    await eventually(() => registrar.challenges === 2, 'the refusal');
    await eventually(() => phone.log.includes('403'), 'that the phone hears of it');
    expect(registrar.contacts.size).toBe(0);
    await phone[Symbol.asyncDispose]();
    await sip.settled();
  });
});

async function callsIn(
  phone: Baresip,
  sip: SipAgent,
  to: number,
  calls: readonly Srf.Dialog[],
  directions: readonly string[],
): Promise<void> {
  // It adds the transport of its account.
  const uri = `sip:room@127.0.0.1:${to}`;
  await phone.command('dial', uri);
  await phone.heard('CALL_ESTABLISHED');
  await phone.command('hold');
  await eventually(() => directions.length === 1, 'the hold');
  await phone.command('resume');
  await eventually(() => directions.length === 2, 'the end of the hold');
  expect(directions).toEqual(['sendonly', 'sendrecv']);
  await phone.command('hangup');
  await eventually(() => sip.calls.size === 0, 'the end of the call');

  await phone.command('dial', uri);
  await phone.heard('CALL_ESTABLISHED', 2);
  await eventually(() => calls.length === 2, 'the second call');
  await eventually(() => (sip.agent.stats.messages.get('in ACK') ?? 0) >= 4, 'its ACK');
  calls[1]?.destroy();
  sip.calls.clear();
  await phone.heard('CALL_CLOSED', 2);
}

async function isCalled(phone: Baresip, sip: SipAgent, contact: string): Promise<void> {
  const first = await sip.call(contact);
  expect(first.remote.sdp).toContain('m=audio');
  await phone.heard('CALL_ESTABLISHED', 3);
  await first.modify(sampleSdp(7_002, 'sendonly'));
  first.destroy();
  sip.calls.delete(first);
  await phone.heard('CALL_CLOSED', 3);

  await sip.call(contact);
  await phone.heard('CALL_ESTABLISHED', 4);
  await phone.command('hangup');
  await eventually(() => sip.calls.size === 0, 'the end of the call');
}
