// Phones that tell an address that nobody can reach, as behind a router at home.

import { describe, expect, onTestFinished, test } from 'vitest';
import { dial, hangUp, registeredPhone } from '../../support/phones/phone.ts';
import { startPhoneServer } from '../../support/phones/phone-server.ts';
import { planOfThree } from '../../support/phones/plan.ts';
import { listenAt, untilHeard } from '../../support/phones/recordings.ts';
import { requireOrSkip } from '../../support/require.ts';
import { startSipRelay } from '../../support/sip-relay.ts';

const here = requireOrSkip('mediasoup') && requireOrSkip('baresip');
/** As long as 127.0.0.1, and of another network. */
const hidden = '10.0.0.99';

/** What a phone says of itself, in its requests and answers. */
function hide(text: string): string {
  const told = text
    .replace(/^(Contact: .*)127\.0\.0\.1/m, `$1${hidden}`)
    .replace(/^([co]=.*)127\.0\.0\.1/gm, `$1${hidden}`);
  return text.startsWith('SIP/2.0 ') ? told : told.replace(/^(Via: \S+ )127\.0\.0\.1/m, `$1${hidden}`);
}

describe.skipIf(!here)('a phone behind a router', { timeout: 60_000 }, () => {
  test('is called by the way that its REGISTER came, and is heard from where its sound comes', async () => {
    const server = await startPhoneServer(planOfThree);
    const toPhone: string[] = [];
    const fromPhone: string[] = [];
    const router = await startSipRelay({
      to: server.port,
      fate: ({ text, inwards }) => {
        (inwards ? fromPhone : toPhone).push(text);
        return 'pass';
      },
      rewrite: ({ text, inwards }) => (inwards ? hide(text) : text.replaceAll(hidden, '127.0.0.1')),
    });
    onTestFinished(() => router[Symbol.asyncDispose]());
    const ann = await registeredPhone(
      { port: router.port, tlsPort: 0 },
      { user: 'ann', answers: true, rtcpMux: true, codecs: ['G722/16000/1'] },
    );
    const ben = await registeredPhone(server, { user: 'ben' });

    await dial(ben, '100');
    await ann.heard('CALL_ESTABLISHED');
    await Promise.all([untilHeard(() => listenAt(ann), 'ben'), untilHeard(() => listenAt(ben), 'ann')]);
    const invite = toPhone.find((text) => text.startsWith('INVITE '));
    expect(invite).toContain(`@${hidden}:${ann.port}`);
    // Media and its reports come by one port (RFC 5761): both have agreed on it.
    expect(invite).toMatch(/^a=rtcp-mux\r$/m);
    expect(fromPhone.find((text) => text.startsWith('SIP/2.0 200') && text.includes('m=audio'))).toMatch(
      /^a=rtcp-mux\r$/m,
    );
    await hangUp(ben);
    await ann.heard('CALL_CLOSED');

    // It calls by the same way.
    await dial(ben, '800', 2);
    await dial(ann, '800', 2);
    await Promise.all([untilHeard(() => listenAt(ann), 'ben'), untilHeard(() => listenAt(ben), 'ann')]);
    await hangUp(ann, 2);
  });
});
