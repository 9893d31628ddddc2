// What is heard over a provider that stays in the way of calls (Record-Route): in rooms, and when one of its doors is closed.

import { setTimeout as delay } from 'node:timers/promises';
import { describe, onTestFinished, test } from 'vitest';
import { dial, hangUp, registeredPhone, tones } from '../../support/phones/phone.ts';
import { type PhoneServer, startPhoneServer } from '../../support/phones/phone-server.ts';
import { expectToHear, firstOf, heardBy, lastOf } from '../../support/phones/recordings.ts';
import { requireOrSkip } from '../../support/require.ts';
import { type Baresip, startBaresip } from '../../support/sip-baresip.ts';
import { type Kamailio, startKamailio } from '../../support/sip-kamailio.ts';
import { findSipPort } from '../../support/sip-port.ts';
import { answer, receiveRequest, scenario } from '../../support/sip-scenario.ts';
import { startCallee } from '../../support/sip-sipp.ts';

const here =
  requireOrSkip('mediasoup') && requireOrSkip('baresip') && requireOrSkip('kamailio') && requireOrSkip('sipp');

/** Everybody is at 127.0.0.1: with `inbound` each call that comes is the provider's. */
const planWith = ({ targets, inbound }: { readonly targets: readonly number[]; readonly inbound: boolean }) => `
realm: phones.test
users:
  - { identity: ann, name: Ann, password: secret, numbers: ['100'] }
trunks:
  - name: provider
${inbound ? '    inbound: { addresses: 127.0.0.1 }' : ''}
    outbound: { targets: ${JSON.stringify(targets.map((port) => `sip:127.0.0.1:${port}`))}, probeSeconds: 0 }
    numbers: { outgoing: digits }
rules:
  - { name: room, when: { called: '800' }, room: lobby }
  - { name: out, when: { calledPrefix: '+', from: user }, number: '{called}', trunks: [provider] }
`;

interface OpenOptions {
  readonly before?: readonly number[];
  readonly inbound?: boolean;
}

interface Stage {
  readonly server: PhoneServer;
  readonly provider: Kamailio;
  /** A phone of the provider's. */
  readonly cy: Baresip;
}

/** `before`: targets of the trunk that come first. */
async function open({ before = [], inbound = false }: OpenOptions): Promise<Stage> {
  const port = await findSipPort();
  const provider = await startKamailio({ to: port });
  onTestFinished(() => provider[Symbol.asyncDispose]());
  const listen = { address: '127.0.0.1', advertise: [], certFile: '', keyFile: '', caFile: '', origins: [] };
  const plan = planWith({ targets: [...before, provider.port], inbound });
  const server = await startPhoneServer(plan, { sip: { listen: [{ ...listen, protocol: 'UDP', port }] } });
  const cy = await startBaresip({
    to: provider.port,
    user: '4930123',
    answers: true,
    codecs: ['PCMA/8000/1'],
    records: true,
    sound: { toneHz: tones.cy },
  });
  onTestFinished(() => cy[Symbol.asyncDispose]());
  await cy.registered();
  return { server: { ...server, port }, provider, cy };
}

describe.skipIf(!here)('over a provider', { timeout: 90_000 }, () => {
  test('somebody comes into a room, where they hear each other', async () => {
    const { server, provider, cy } = await open({ inbound: true });
    const ann = await registeredPhone(server, { user: 'ann' });
    await dial(ann, '800');
    await cy.command('dial', `sip:800@127.0.0.1:${provider.port}`);
    await cy.heard('CALL_ESTABLISHED');
    await delay(5_000);
    await Promise.all([hangUp(ann), hangUp(cy)]);
    const [[atAnn], [atCy]] = await Promise.all([heardBy(ann), heardBy(cy)]);
    // The other one may have hung up a little before.
    expectToHear(atAnn && firstOf(lastOf(atAnn, 2_000), 1_000), 'cy');
    expectToHear(atCy && firstOf(lastOf(atCy, 2_000), 1_000), 'ann');
  });

  test('a number is reached by the second target where the first one says that it is full', async () => {
    const busy = scenario(receiveRequest('INVITE'), answer(503, 'Service Unavailable'), receiveRequest('ACK'));
    await using full = await startCallee({ scenario: busy });
    const { server, cy } = await open({ before: [full.port] });
    const ann = await registeredPhone(server, { user: 'ann', codecs: ['opus/48000/2'] });
    await dial(ann, '+4930123');
    await cy.heard('CALL_ESTABLISHED');
    await full.done();
    await delay(3_500);
    await hangUp(ann);
    await cy.heard('CALL_CLOSED');
    const [[atAnn], [atCy]] = await Promise.all([heardBy(ann), heardBy(cy)]);
    expectToHear(atAnn && lastOf(atAnn, 1_500), 'cy');
    expectToHear(atCy && lastOf(atCy, 1_500), 'ann');
  });
});
