// Trunks that say who they are by a password, and providers that ask this server who it is.

import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { type Person, signIn } from '../../support/phones/person.ts';
import { dial, hangUp, registeredPhone, tones } from '../../support/phones/phone.ts';
import { type PhoneServer, startPhoneServer } from '../../support/phones/phone-server.ts';
import { listenAt, untilHeard } from '../../support/phones/recordings.ts';
import { requireOrSkip } from '../../support/require.ts';
import { startBaresip } from '../../support/sip-baresip.ts';
import { startKamailio } from '../../support/sip-kamailio.ts';
import { findSipPort } from '../../support/sip-port.ts';
import { pause, receive, request, scenario } from '../../support/sip-scenario.ts';
import { startCaller } from '../../support/sip-sipp.ts';

const here = requireOrSkip('mediasoup') && requireOrSkip('sipp');
const withProvider = here && requireOrSkip('baresip') && requireOrSkip('kamailio');

const plan = `
realm: phones.test
trunks:
  - { name: provider, inbound: { login: city, password: of-the-trunk } }
rules:
  - { name: room, when: { called: '800', trunk: provider }, headers: [X-Customer], room: lobby }
`;

interface Joined {
  readonly peers: readonly { readonly identity: string; readonly phone?: object }[];
}

describe.skipIf(!here)('a trunk that has to say who it is', { timeout: 60_000 }, () => {
  let server: PhoneServer;
  let mia: Person;

  beforeEach(async () => {
    server = await startPhoneServer(plan);
    mia = await signIn(server, 'mia');
    await mia.call('room.join', { room: 'lobby' });
  });

  /** To whoever answered last: sipp takes the tag of the challenge for that of the call. */
  const toLast = (message: string) => message.replace(/^To: .*$/m, '[last_To:]');
  /** sipp calls 800, is challenged, and says who it is with this password. */
  const call = async (password: string, ...steps: readonly string[]) => {
    const invite = (cseq: number, fields: readonly string[]) =>
      request('INVITE', cseq, false, { sdp: true, retransmitMs: 500, fields });
    const customer = 'X-Customer: Müller & Söhne, 4711';
    const caller = scenario(
      invite(1, [customer]),
      receive(100, true),
      receive(401).replace('<recv', '<recv auth="true"'),
      request('ACK', 1, 'early'),
      invite(2, [customer, '[authentication]']),
      receive(100, true),
      ...steps,
    );
    // Otherwise it answers for another URI than it asks for.
    const args = ['-s', '800', '-au', 'city', '-ap', password, '-auth_uri', `800@127.0.0.1:${server.port}`];
    const sipp = await startCaller(server.port, { scenario: caller, args });
    onTestFinished(() => sipp[Symbol.asyncDispose]());
    return sipp;
  };

  test('is let in with its password, and what its header says is read in the room', async () => {
    const bye = toLast(request('BYE', 3, 'confirmed', { retransmitMs: 500 }));
    const steps = [receive(200), toLast(request('ACK', 2, 'confirmed')), pause(1_000), bye, receive(200)];
    const sipp = await call('of-the-trunk', ...steps);
    const joined = () => mia.told<Joined>('peersJoined').flatMap(({ peers }) => peers);
    await eventually(() => joined().length === 1, 'that it is in the room');
    expect(joined()).toMatchObject([
      {
        identity: 'phone:sipp',
        phone: { trunk: 'provider', attributes: { 'sip.x-customer': 'Müller & Söhne, 4711' } },
      },
    ]);
    await sipp.done();
    await eventually(() => mia.told('peersLeft').length === 1, 'that it has left');
  });

  test('is refused with another one', async () => {
    const sipp = await call('guessed', receive(403), toLast(request('ACK', 2, 'early')));
    await sipp.done();
    expect(mia.told('peersJoined')).toEqual([]);
  });
});

describe.skipIf(!withProvider)('a provider that asks who calls (407)', { timeout: 60_000 }, () => {
  const planWith = (provider: number, password: string) => `
realm: phones.test
users: [{ identity: ann, name: Ann, password: secret, numbers: ['100'] }]
trunks:
  - name: provider
    outbound: { targets: ['sip:127.0.0.1:${provider}'], user: parley, password: ${password}, probeSeconds: 0 }
    numbers: { outgoing: digits }
rules:
  - { name: out, when: { calledPrefix: '+', from: user }, number: '{called}' }
`;

  test.each([
    ['lets calls through with the password of the trunk', 'secret', true],
    ['lets none through with another one', 'guessed', false],
  ])('%s', async (_what, password, passes) => {
    const port = await findSipPort();
    const provider = await startKamailio({ to: port, asks: true });
    onTestFinished(() => provider[Symbol.asyncDispose]());
    const server = await startPhoneServer(planWith(provider.port, password), { port });
    const cy = await startBaresip({
      to: provider.port,
      user: '4930123',
      answers: true,
      records: true,
      sound: { toneHz: tones.cy },
    });
    onTestFinished(() => cy[Symbol.asyncDispose]());
    await cy.registered();
    const ann = await registeredPhone(server, { user: 'ann' });
    if (passes) {
      await dial(ann, '+4930123');
      await Promise.all([untilHeard((ms) => listenAt(ann, ms), 'cy'), untilHeard((ms) => listenAt(cy, ms), 'ann')]);
      await hangUp(ann);
    } else {
      await ann.command('dial', `sip:+4930123@127.0.0.1:${ann.to}`);
      await ann.heard('CALL_CLOSED');
      expect(cy.events.some(({ type }) => type === 'CALL_INCOMING')).toBe(false);
      const closed = ann.events.find(({ type }) => type === 'CALL_CLOSED');
      expect(closed?.param).toMatch(/^403/);
    }
  });
});
