// Phones that register by TLS and speak by SRTP alone: they are called on the connection that they opened.

import { describe, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { dial, hangUp, registeredPhone, type TestPhone } from '../../support/phones/phone.ts';
import { type PhoneServer, startPhoneServer } from '../../support/phones/phone-server.ts';
import { planOfThree } from '../../support/phones/plan.ts';
import { listenAt, untilHeard } from '../../support/phones/recordings.ts';
import { requireOrSkip } from '../../support/require.ts';
import { testCertificate } from '../../support/sip-certificate.ts';

const here = requireOrSkip('mediasoup') && requireOrSkip('baresip') && requireOrSkip('openssl');
const secure = { transport: 'tls', encryption: 'srtp-mand' } as const;

const ended = (server: PhoneServer) =>
  server.lines
    .filter(({ message }) => message === 'phone call ended')
    .map(({ fields: { direction, encrypted, codec } }) => ({ direction, encrypted, codec }));
const encrypts = (phone: TestPhone) => phone.events.some(({ type }) => type === 'CALL_MENC');

describe.skipIf(!here)('a phone that registers by TLS', { timeout: 60_000 }, () => {
  test.each([
    ['by TLS and SRTP too', secure, true],
    ['by UDP and RTP', {}, false],
  ] as const)('is called there by one that registers %s, and both hear each other', async (_how, ofBen, encrypted) => {
    const server = await startPhoneServer(planOfThree, { tls: testCertificate() });
    const ann = await registeredPhone(server, { ...secure, user: 'ann', answers: true });
    const ben = await registeredPhone(server, { ...ofBen, user: 'ben', codecs: ['PCMA/8000/1'] });
    const protocols = server.lines
      .filter(({ message }) => message === 'phone registered')
      .map(({ fields: { identity, protocol } }) => `${identity} ${protocol}`);
    expect(protocols).toEqual(['ann tls', `ben ${encrypted ? 'tls' : 'udp'}`]);
    await dial(ben, '100');
    await Promise.all([untilHeard((ms) => listenAt(ann, ms), 'ben'), untilHeard((ms) => listenAt(ben, ms), 'ann')]);
    expect([encrypts(ann), encrypts(ben)]).toEqual([true, encrypted]);
    await hangUp(ben);
    await ann.heard('CALL_CLOSED');
    await eventually(() => ended(server).length === 2, 'both records');
    const sorted = ended(server).sort((one, other) => String(one.direction).localeCompare(String(other.direction)));
    expect(sorted).toEqual([
      { direction: 'incoming', encrypted, codec: 'PCMA' },
      { direction: 'outgoing', encrypted: true, codec: 'PCMU' },
    ]);
  });
});
