// Calls by a provider: kamailio, which stays in the way of calls with Record-Route, and phones that are registered there.

import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { dial, hangUp, registeredPhone, tones } from '../../support/phones/phone.ts';
import { type PhoneServer, startPhoneServer } from '../../support/phones/phone-server.ts';
import { listenAt, untilHeard } from '../../support/phones/recordings.ts';
import { requireOrSkip } from '../../support/require.ts';
import { startBaresip } from '../../support/sip-baresip.ts';
import { startKamailio } from '../../support/sip-kamailio.ts';
import { findSipPort } from '../../support/sip-port.ts';

const here = requireOrSkip('mediasoup') && requireOrSkip('baresip') && requireOrSkip('kamailio');

interface PlanOptions {
  readonly targets: readonly string[];
  readonly more?: string;
}

const planWith = ({ targets, more = '' }: PlanOptions) => `
realm: phones.test
users:
  - { identity: ann, name: Ann, password: secret, numbers: ['100'] }
trunks:
  - name: provider
    outbound: { targets: ${JSON.stringify(targets)}, probeSeconds: 0 }
    numbers: { outgoing: digits }
${more}
rules:
  - { name: room, when: { called: ['800', 'parley'] }, room: lobby }
  - { name: never, when: { calledPrefix: '+1900' }, reject: 403 }
  - { name: out, when: { calledPrefix: '+', from: user }, number: '{called}', trunks: [provider] }
`;

/** A provider, a server that it sends calls to, and a phone of the provider's. */
async function open(plan: (provider: number) => string) {
  const port = await findSipPort();
  const provider = await startKamailio({ to: port });
  onTestFinished(() => provider[Symbol.asyncDispose]());
  const server = await startPhoneServer(plan(provider.port), { port });
  const cy = await startBaresip({
    to: provider.port,
    user: '4930123',
    answers: true,
    records: true,
    sound: { toneHz: tones.cy },
  });
  onTestFinished(() => cy[Symbol.asyncDispose]());
  await cy.registered();
  return { server, provider, cy };
}

const recordOf = (server: PhoneServer, direction: string) =>
  server.lines.find(({ message, fields }) => message === 'phone call ended' && fields['direction'] === direction);

describe.skipIf(!here)('a number that is dialled', { timeout: 90_000 }, () => {
  test('goes out by the provider, and both hear each other', async () => {
    const { server, cy } = await open((port) => planWith({ targets: [`sip:127.0.0.1:${port}`] }));
    const ann = await registeredPhone(server, { user: 'ann' });
    await dial(ann, '+4930123');
    await cy.heard('CALL_ESTABLISHED');
    await Promise.all([untilHeard((ms) => listenAt(ann, ms), 'cy'), untilHeard((ms) => listenAt(cy, ms), 'ann')]);
    // Ended at the other side: its BYE finds its way back by the provider.
    await cy.command('hangup');
    await ann.heard('CALL_CLOSED');
    await eventually(() => recordOf(server, 'outgoing'), 'the record');
    expect(recordOf(server, 'outgoing')?.fields).toMatchObject({ trunk: 'provider', why: 'it hung up' });
  });

  test('goes by the next target where the first is down', async () => {
    const down = await findSipPort();
    const { server, cy } = await open((port) =>
      planWith({ targets: [`sip:127.0.0.1:${down};transport=tcp`, `sip:127.0.0.1:${port}`] }),
    );
    const ann = await registeredPhone(server, { user: 'ann' });
    await dial(ann, '+4930123');
    await cy.heard('CALL_ESTABLISHED');
    await hangUp(ann);
  });

  test('goes by the next target where the first says nothing', async () => {
    const silent = await findSipPort();
    const { server, cy } = await open((port) =>
      planWith({ targets: [`sip:127.0.0.1:${silent}`, `sip:127.0.0.1:${port}`] }),
    );
    const ann = await registeredPhone(server, { user: 'ann' });
    const startMs = performance.now();
    await dial(ann, '+4930123');
    await cy.heard('CALL_ESTABLISHED');
    expect(performance.now() - startMs).toBeLessThan(20_000);
    await hangUp(ann);
    // It is known by now that nobody answers there.
    const againMs = performance.now();
    await dial(ann, '+4930123', 2);
    expect(performance.now() - againMs).toBeLessThan(8_000);
    await hangUp(ann, 2);
  });

  test('is refused where the provider is down, where it is forbidden, and where nobody has it', async () => {
    const down = await findSipPort();
    const { server } = await open(() => planWith({ targets: [`sip:127.0.0.1:${down};transport=tcp`] }));
    const ann = await registeredPhone(server, { user: 'ann' });
    const why = () => ann.events.filter(({ type }) => type === 'CALL_CLOSED').map(({ param }) => param);
    for (const [at, called] of ['+4930123', '+1900666', '777'].entries()) {
      await ann.command('dial', `sip:${called}@127.0.0.1:${ann.to}`);
      await ann.heard('CALL_CLOSED', at + 1);
    }
    expect(why()).toEqual([
      expect.stringMatching(/^480/),
      expect.stringMatching(/^403/),
      expect.stringMatching(/^404/),
    ]);
  });
});

describe.skipIf(!here)('a call that comes by the provider', { timeout: 90_000 }, () => {
  const inbound = `    inbound: { addresses: ['127.0.0.1'] }`;

  test('is known by its address, and enters its room', async () => {
    const { server, provider, cy } = await open((port) =>
      planWith({ targets: [`sip:127.0.0.1:${port}`], more: inbound }),
    );
    await cy.command('dial', `sip:800@127.0.0.1:${provider.port}`);
    await cy.heard('CALL_ESTABLISHED');
    const joined = () => server.lines.find(({ message }) => message === 'peer joined');
    await eventually(joined, 'that it is in the room');
    expect(joined()?.fields).toMatchObject({ room: 'lobby', identity: 'phone:4930123' });
    await cy.command('hold');
    await delay(500);
    await cy.command('resume');
    await delay(500);
    await cy.command('hangup');
    await eventually(() => recordOf(server, 'incoming'), 'the record');
    expect(recordOf(server, 'incoming')?.fields).toMatchObject({ trunk: 'provider', why: 'it hung up' });
  });

  test('finds a server that has registered there', async () => {
    const { server, provider, cy } = await open((port) =>
      planWith({
        targets: [`sip:127.0.0.1:${port}`],
        more: `${inbound}\n    register: { registrar: 'sip:127.0.0.1:${port}', user: parley, password: secret }`,
      }),
    );
    await eventually(
      () => server.lines.some(({ message }) => message === 'registered at the provider'),
      'the registration',
    );
    await cy.command('dial', `sip:parley@127.0.0.1:${provider.port}`);
    await cy.heard('CALL_ESTABLISHED');
    await cy.command('hangup');
    await cy.heard('CALL_CLOSED');
  });
});
